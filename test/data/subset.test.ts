import { expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { shuffledIndices, subset } from '../../src/data/subset.ts';
import { CALIBRATION_SET } from '../cli/digits.ts';

it('reads the chosen images in the order asked for, with their labels', async () => {
  const whole = await openDataset(CALIBRATION_SET);
  const few = subset(whole, [7, 0, 3]);
  expect(few.count).toBe(3);
  const size = whole.shape.reduce((a, b) => a * b, 1);
  const all = (await whole.read(0, 8)).data;
  const { data, shape } = await few.read(0, 3);
  expect(shape).toEqual([3, ...whole.shape]);
  [7, 0, 3].forEach((from, to) => {
    expect(data.slice(to * size, (to + 1) * size)).toEqual(all.slice(from * size, (from + 1) * size));
    expect(few.labels![to]).toBe(whole.labels![from]);
  });
  expect((await few.read(1, 2)).data).toEqual(all.slice(0, size));
});

it('shuffles every index once, always the same way, and mixes halves', () => {
  const indices = shuffledIndices(1000);
  expect(shuffledIndices(1000)).toEqual(indices);
  expect([...indices].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  // A random half of a sorted set holds about as many of its first half as of its second: 250, give or take 8 (one sigma).
  const low = indices.slice(0, 500).filter((i) => i < 500).length;
  expect(Math.abs(low - 250)).toBeLessThan(32);
});
