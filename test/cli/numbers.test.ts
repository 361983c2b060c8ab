import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  parseCount,
  parseNumber,
  parseNumberList,
  parseNumbers,
  parsePercentile,
} from '../../src/cli/numbers.ts';

describe('parseNumber', () => {
  it.each([
    ['0.5', 0.5],
    ['-3', -3],
    ['+.25', 0.25],
    ['1e-3', 0.001],
    [' 7 ', 7],
    ['2/3', 2 / 3],
    ['1/(2*4)', 1 / 8],
    ['2^-3', 1 / 8],
    ['-1/4', -1 / 4],
  ])('reads %s', async (text, expected) => {
    expect(await parseNumber('--x', text)).toBe(expected);
  });

  it.each([
    ...['', ' ', 'abc', '1,2', '2/', '1/0', '0/0', 'pi', 'sqrt(4)', '1;2', '[1]', '2 == 2', '0x10', 'NaN'],
    ...['e', '1e', '2e*2', '1 2', '2(3)', '(2)(3)', '1.5.5'],
    'Infinity',
    '1e999',
    `${'1+'.repeat(40)}1`,
  ])('refuses "%s", naming the option', async (text) => {
    const reading = parseNumber('--threshold', text);
    await expect(reading).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(reading).rejects.toThrow(`--threshold: expected a number, found "${text}"`);
  });
});

describe('parseNumbers', () => {
  it('reads numbers between commas', async () => {
    expect(await parseNumbers('--mean', '0.485, 1/2,-3')).toEqual([0.485, 0.5, -3]);
    await expect(parseNumbers('--mean', '1,,2')).rejects.toThrow('--mean: expected a number, found ""');
  });
});

describe('parsePercentile', () => {
  it('takes what is above 0 and at most 100', async () => {
    expect(await parsePercentile('--percentile', '100')).toBe(100);
    expect(await parsePercentile('--percentile', '99.99')).toBe(99.99);
    for (const text of ['0', '-1', '100.5']) {
      await expect(parsePercentile('--percentile', text)).rejects.toThrow(`found "${text}"`);
    }
  });
});

describe('parseCount', () => {
  it('takes whole numbers from 1', () => {
    expect(parseCount('12')).toBe(12);
    for (const text of ['0', '-1', '2.5', 'x', '']) expect(() => parseCount(text)).toThrow(`found "${text}"`);
  });
});

describe('parseNumberList', () => {
  it.each([
    ['8', [8]],
    ['4:7', [4, 5, 6, 7]],
    ['4:2:9', [4, 6, 8]],
    ['1.5, 1.75,2', [1.5, 1.75, 2]],
    ['0.5,2/3', [0.5, 2 / 3]],
    ['2,4:5, 8', [2, 4, 5, 8]],
    ['0:1', [0, 1]],
    ['3:3', [3]],
    // Steps do not add up their errors, and the last value is there.
    ['0.5:0.1:0.8', [0.5, 0.6, 0.7, 0.8]],
    ['1:1/3:2', [1, 1.33333333333, 1.66666666667, 2]],
    ['3:-1:1', [3, 2, 1]],
    ['-2:-1', [-2, -1]],
  ])('reads %s', async (text, expected) => {
    expect(await parseNumberList('--x', text)).toEqual(expected);
  });

  it.each([
    ...['', ',', '4,', '4:', ':4', '1:2:3:4', '4:1', '1:0:2', '1:-1:2', '[4,5]', '4;5', '4 5', 'auto', 'pi'],
    ...['4:x', 'range(1,3)', '1..3', '1e', '1/0', '1:1/0'],
  ])('refuses "%s", naming the option and what is expected', async (text) => {
    const reading = parseNumberList('--steps', text);
    await expect(reading).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(reading).rejects.toThrow(
      '--steps: expected numbers such as 4,8 or 2/3, and ranges a:b or a:step:b, found "',
    );
  });

  it('refuses more numbers than anyone sweeps over, without making them', async () => {
    await expect(parseNumberList('--x', '1:1e12')).rejects.toThrow('expected at most 1000 numbers');
    await expect(parseNumberList('--x', '1:600,1:600')).rejects.toThrow('expected at most 1000 numbers');
  });
});
