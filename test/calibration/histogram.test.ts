// Percentiles of the one-pass histogram against exact sorting and against an independent sketch.
import { DDSketch } from '@datadog/sketches-js';
import { describe, expect, it } from 'vitest';
import {
  emptyHistogram,
  observe,
  PERCENTILE_ERROR_BOUND,
  percentile,
} from '../../src/calibration/histogram.ts';
import { normal, uniform } from '../snn/tiny.ts';

const PERCENTS = [0, 1, 25, 50, 90, 99, 99.5, 99.9, 99.99, 99.999, 100];
const COUNT = 20_000;

const sample = (next: () => number, count = COUNT) => Float32Array.from({ length: count }, next);

const gauss = normal(1);
const next = uniform(2);
const DISTRIBUTIONS: Readonly<Record<string, Float32Array>> = {
  'uniform in [0, 1)': sample(next),
  'normal, both signs': sample(gauss),
  'log-normal over many decades': sample(() => Math.exp(6 * gauss())),
  'after a ReLU: half zeros': sample(() => Math.max(0, gauss())),
  'nearly all zeros': sample(() => (next() < 0.0007 ? next() : 0)),
  'all zeros, of both signs': sample(() => (next() < 0.5 ? -0 : 0)),
  constant: new Float32Array(1000).fill(0.3),
  'a power of two': new Float32Array(1000).fill(-4),
  'two values': sample(() => (next() < 0.5 ? 1 : 1000)),
  'the smallest normal numbers': sample(() => (1 + next()) * 2 ** -126),
  'the largest numbers': sample(() => (1.9991 + 0.0008 * next()) * 2 ** 127),
  'one value': Float32Array.of(-2.5),
};

/** Linear interpolation between order statistics of |x|: numpy's and our definition. */
function exactPercentile(values: Float32Array, percent: number): number {
  const sorted = Float64Array.from(values, Math.abs).sort();
  const rank = (percent / 100) * (sorted.length - 1);
  const low = Math.floor(rank);
  const lower = sorted[low]!;
  return lower + (rank - low) * ((sorted[low + 1] ?? lower) - lower);
}

function histogramOf(...batches: Float32Array[]) {
  const histogram = emptyHistogram();
  for (const batch of batches) observe(histogram, batch);
  return histogram;
}

describe('percentile', () => {
  it.each(Object.keys(DISTRIBUTIONS))('of %s lies within the bound of the exact one', (name) => {
    const values = DISTRIBUTIONS[name]!;
    const histogram = histogramOf(values);
    for (const percent of PERCENTS) {
      const exact = exactPercentile(values, percent);
      const error = Math.abs(percentile(histogram, percent) - exact);
      expect(error, `percentile ${percent}, exact ${exact}`).toBeLessThanOrEqual(
        exact * PERCENTILE_ERROR_BOUND * (1 + 1e-9),
      );
    }
  });

  it('of denormal numbers is within half of their coarsest bucket', () => {
    const values = sample(() => next() * 2 ** -126);
    const histogram = histogramOf(values);
    for (const percent of PERCENTS) {
      // below the normal numbers a bucket is 2^13 steps of 2^-149 wide
      const error = Math.abs(percentile(histogram, percent) - exactPercentile(values, percent));
      expect(error).toBeLessThanOrEqual(2 ** (13 - 149 - 1));
    }
  });

  it('never decreases', () => {
    for (const values of Object.values(DISTRIBUTIONS)) {
      const histogram = histogramOf(values);
      const found = PERCENTS.map((percent) => percentile(histogram, percent));
      expect(found).toEqual(found.toSorted((a, b) => a - b));
    }
  });

  it('of nothing is 0', () => {
    expect(percentile(emptyHistogram(), 99)).toBe(0);
  });

  it.each(['uniform in [0, 1)', 'normal, both signs', 'log-normal over many decades'])(
    'of %s agrees with DDSketch',
    (name) => {
      const relativeAccuracy = 0.001;
      const values = DISTRIBUTIONS[name]!;
      const histogram = histogramOf(values);
      const sketch = new DDSketch({ relativeAccuracy });
      for (const value of values) sketch.accept(Math.abs(value));
      // DDSketch answers with the order statistic at or below the rank: compare at whole ranks
      for (const rank of [0.1, 0.5, 0.9, 0.99, 0.999].map((q) => Math.floor(q * (COUNT - 1)))) {
        const expected = sketch.getValueAtQuantile(rank / (COUNT - 1));
        const found = percentile(histogram, (100 * rank) / (COUNT - 1));
        expect(Math.abs(found - expected) / expected).toBeLessThan(2 * relativeAccuracy);
      }
    },
  );
});

describe('observe', () => {
  it('keeps count, zeros, maximum and sign exactly', () => {
    const histogram = histogramOf(Float32Array.of(0, -0, 0.1, -3), Float32Array.of(2));
    expect(histogram).toMatchObject({ count: 5, zeros: 2, max: 3, signed: true });
    expect(histogramOf(Float32Array.of(-0, 1)).signed).toBe(false);
  });

  it.each([Number.NaN, -Number.NaN, Infinity, -Infinity])('refuses %s', (bad) => {
    expect(() => observe(emptyHistogram(), Float32Array.of(1, bad, 2))).toThrow(RangeError);
  });

  it('reads a view in the middle of a buffer', () => {
    const whole = Float32Array.of(9, 1, 2, 9);
    expect(histogramOf(whole.subarray(1, 3))).toMatchObject({ count: 2, max: 2 });
  });
});
