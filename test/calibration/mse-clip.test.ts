import { expect, it } from 'vitest';
import { emptyHistogram, observe } from '../../src/calibration/histogram.ts';
import { mseClip } from '../../src/calibration/mse-clip.ts';
import { noise } from '../../src/tensor/noise.ts';

/** Mean squared error of rounding to steps of clip / levels and cutting off, value by value. */
function measured(values: Float32Array, clip: number, levels: number): number {
  const step = clip / levels;
  return values.reduce((sum, x) => sum + (Math.min(clip, Math.round(x / step) * step) - x) ** 2, 0);
}

it.each([7, 31, 255])('loses no more than other clips do at %d levels', (levels) => {
  // The fourth power of uniform values: most are small, few are large.
  const values = noise([20_000], 1).data.map((x) => x ** 4 * 10);
  const histogram = emptyHistogram();
  observe(histogram, values);
  const clip = mseClip(histogram, levels);
  const own = measured(values, clip, levels);
  for (const other of [0.5, 0.7, 0.9, 1]) {
    expect(own).toBeLessThan(1.05 * measured(values, other * histogram.max, levels));
  }
});

it('keeps the largest of values that all are alike, and gives 0 where all are 0', () => {
  const alike = emptyHistogram();
  observe(alike, new Float32Array(100).fill(3));
  expect(mseClip(alike, 15)).toBe(3);
  const silent = emptyHistogram();
  observe(silent, new Float32Array(100));
  expect(mseClip(silent, 15)).toBe(0);
});
