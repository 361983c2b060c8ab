import { describe, expect, it } from 'vitest';
import { ENERGY_CONSTANTS, parseEnergyConstants } from '../../src/energy/energy-constants.ts';
import { memory45nm } from '../../src/energy/memory-45nm.ts';
import { accessPj } from '../../src/energy/memory-model.ts';
import { Ann2SnnError } from '../../src/errors.ts';

describe('accessPj', () => {
  it.each([
    // 32-bit words: 2048 are 8 KiB
    [1, 10],
    [2048, 10],
    [5120, 15], // 20 KiB, half-way to 32
    [8192, 20],
    [135_168, 60], // 528 KiB, half-way from 32 KiB to 1 MiB
    [262_144, 100],
    [1e9, 100],
  ])('of a memory of %d words is %d pJ', (words, pj) => {
    expect(accessPj(memory45nm, words, 32)).toBeCloseTo(pj, 9);
  });

  it('is in proportion to the width of a word', () => {
    // 8192 bytes in words of one byte
    expect(accessPj(memory45nm, 8192, 8)).toBeCloseTo(2.5, 12);
  });
});

describe('parseEnergyConstants', () => {
  it('puts what is given in the place of the built-in', () => {
    const float32 = { name: '7 nm', source: 'somebody', macPj: 1, acPj: 0.2 };
    const constants = parseEnergyConstants(JSON.stringify({ float32 }), 'mine.json');
    expect(constants).toEqual({ ...ENERGY_CONSTANTS, float32 });
  });

  it.each([
    ['not JSON', '{', /mine\.json: the file/],
    ['an unknown part', '{"float16": {}}', /float16/],
    [
      'a negative energy',
      '{"int8": {"name": "a", "source": "b", "macPj": -1, "acPj": 0}}',
      /int8\.macPj.*>=0/,
    ],
    [
      'sizes that do not ascend',
      '{"memory": {"name": "a", "source": "b", "accessPj": [{"bytes": 8, "pj": 1}, {"bytes": 4, "pj": 2}]}}',
      /memory\.accessPj: expected ascending sizes/,
    ],
    ['constants without a source', '{"int8": {"name": "a", "macPj": 1, "acPj": 0}}', /int8\.source/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseEnergyConstants(text, 'mine.json')).toThrow(Ann2SnnError);
    expect(() => parseEnergyConstants(text, 'mine.json')).toThrow(message);
  });
});
