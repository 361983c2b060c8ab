import { expect, it } from 'vitest';
import { noise } from '../../src/tensor/noise.ts';

it('noise is the same every time, within its reach, and spread over it', () => {
  const first = noise([4, 1000], 3);
  expect(noise([4, 1000], 3)).toEqual(first);
  expect(noise([4, 1000], 3, 2)).not.toEqual(first);
  const { data } = first;
  expect(data.every((value) => value >= -3 && value < 3)).toBe(true);
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const square = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  // A uniform value in [-3, 3) has mean 0 and mean square 3.
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(square - 3)).toBeLessThan(0.15);
});
