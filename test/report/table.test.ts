import { describe, expect, it } from 'vitest';
import { count, energy, figure, percent, table } from '../../src/report/table.ts';

describe('table', () => {
  it('pads columns, numbers to the right, text to the left, nothing at the ends of lines', () => {
    const rows = [
      ['a', '1', 'x'],
      ['longer', '1.50 k', ''],
      ['', '-', 'y z'],
    ];
    expect(table(['name', 'n', 'what'], rows).split('\n')).toEqual([
      'name         n  what',
      '------  ------  ----',
      'a            1  x',
      'longer  1.50 k',
      '             -  y z',
    ]);
  });

  it('takes missing cells for empty ones and stands without rows', () => {
    expect(table(['a', 'b'], [['x']])).toBe('a  b\n-  -\nx');
    expect(table(['a', 'b'], [])).toBe('a  b\n-  -');
  });

  it.each(['12', '-1.5', '1.2e-4', '99.5 %', '3.00 G', '-'])('takes %s for a number', (cell) => {
    const lines = table(['a long heading', 'b'], [[cell, 'x']]).split('\n');
    expect(lines[2]).toBe(`${cell.padStart(14)}  x`);
  });
});

describe('percent', () => {
  it.each([
    [0, '0.00 %'],
    [0.98765, '98.77 %'],
    [1, '100.00 %'],
    [null, '-'],
  ])('of %s is %s', (fraction, text) => {
    expect(percent(fraction)).toBe(text);
  });
});

describe('count', () => {
  it.each([
    [0, '0'],
    [12.34, '12.3'],
    [9999, '9999'],
    [10_000, '10.0 k'],
    [123_456, '123 k'],
    [999_999, '1.00 M'],
    [1_234_567, '1.23 M'],
    [313_879_562, '314 M'],
    [999_999_999, '1.00 G'],
    [2.5e9, '2.50 G'],
  ])('of %s is %s', (value, text) => {
    expect(count(value)).toBe(text);
  });
});

describe('figure', () => {
  it.each([
    [0, '0'],
    [1.43845, '1.44'],
    [12, '12'],
    [1234.5, '1230'],
    [0.001, '0.001'],
    [0.00012345, '1.2e-4'],
    [-0.00012345, '-1.2e-4'],
    [null, '-'],
  ])('of %s is %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });
});

describe('energy', () => {
  it('takes the unit that fits', () => {
    expect([2.5, 1, 0.9996, 0.9994, 8.9e-4, 1.7e-6, 5e-10, 1e-12, 0].map(energy)).toEqual([
      ...['2.5 mJ', '1 mJ', '1 mJ', '999 µJ', '890 nJ', '1.7 nJ', '0.5 pJ', '0.001 pJ', '0 mJ'],
    ]);
  });
});
