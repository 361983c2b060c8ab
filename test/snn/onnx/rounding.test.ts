// The ONNX form of the ternary decision against >= and <=.
import { describe, expect, it } from 'vitest';
import { singleThresholdAt, thresholdAt } from '../../../src/neurons/tsa.ts';
import {
  decisionFactor,
  nextDouble,
  nextFloat,
  previousDouble,
  previousFloat,
} from '../../../src/snn/onnx/rounding.ts';
import { uniform } from '../tiny.ts';

const { fround } = Math;

/** round(clip(o * c, -1, 1)) as ONNX computes it in float32: half to even. */
function rounded(o: number, factor: number): number {
  const clipped = Math.min(1, Math.max(-1, fround(o * factor)));
  return clipped > 0.5 ? 1 : clipped < -0.5 ? -1 : 0;
}

function compared(o: number, threshold: number): number {
  return o >= threshold ? 1 : o <= -threshold ? -1 : 0;
}

/** Thresholds of a coding at the scale of the window's end (theta beta^Ts) and of its beginning. */
function thresholds(beta: number): number[] {
  const found: number[] = [];
  for (const phi of [0.5, 0.6, 0.625, 2 / 3, 0.75, 1]) {
    for (let Ts = 0; Ts < 30; Ts++) {
      for (const t of [1, 30 + Ts]) found.push(singleThresholdAt(t, { T: 30, Ts, beta, phi }));
      for (let t = 1; t <= 30; t += 7) found.push(fround((phi * beta ** Ts) / beta ** t));
    }
  }
  return [...new Set(found)];
}

const next = uniform(5);
/** Amplitudes of encoders can be any number. */
const arbitrary = Array.from({ length: 5000 }, () => fround(Math.exp(40 * (next() - 0.5))));

/** The first of some values that is decided otherwise than by comparison; undefined when all agree. */
function disagreement(threshold: number, values: readonly number[]): number | undefined {
  const factor = decisionFactor(threshold);
  return values.flatMap((o) => [o, -o]).find((o) => rounded(o, factor) !== compared(o, threshold));
}

const everywhere = (threshold: number) => [
  0,
  1e30,
  threshold,
  nextFloat(threshold),
  ...Array.from({ length: 50 }, () => fround(threshold * 0.999999 * next())),
  ...Array.from({ length: 50 }, () => fround(threshold * (1 + next()))),
];

describe('decisionFactor', () => {
  it.each([1.5, 1.75, 2])(
    'decides like >= and <= from the second float below the threshold on, beta %d',
    (beta) => {
      for (const threshold of [...thresholds(beta), ...arbitrary]) {
        const second = previousFloat(previousFloat(threshold));
        const found = disagreement(threshold, [second, ...everywhere(threshold)]);
        if (found !== undefined) expect.fail(`threshold ${threshold} decides ${found} otherwise`);
      }
    },
  );

  it('is exact at the float just below too for every threshold of beta 2', () => {
    for (const threshold of thresholds(2)) {
      const found = disagreement(threshold, [previousFloat(threshold)]);
      if (found !== undefined) expect.fail(`threshold ${threshold} decides ${found} otherwise`);
    }
  });

  it('lets the float just below fire for about one arbitrary threshold in six', () => {
    const inexact = arbitrary.filter((threshold) => disagreement(threshold, [previousFloat(threshold)]));
    expect(inexact.length / arbitrary.length).toBeCloseTo(1 / 6, 1);
  });
});

describe('float neighbours', () => {
  it.each([1, 0.5, 1.5, 0.1, 2 ** 100, 3e-38].map(fround))(
    'of %d are one unit in the last place away',
    (x) => {
      expect(nextFloat(x) - x).toBe(2 ** (Math.floor(Math.log2(x)) - 23));
      expect(nextFloat(previousFloat(x))).toBe(x);
    },
  );
});

/** round(clip(o * c, -1, 1)) as ONNX computes it in float64. */
function roundedDouble(o: number, factor: number): number {
  const clipped = Math.min(1, Math.max(-1, o * factor));
  return clipped > 0.5 ? 1 : clipped < -0.5 ? -1 : 0;
}

describe('decisionFactor in float64', () => {
  /** The first of some values that is decided otherwise than by comparison; undefined when all agree. */
  const otherwise = (threshold: number, values: readonly number[]) => {
    const factor = decisionFactor(threshold, 'float64');
    return values.flatMap((o) => [o, -o]).find((o) => roundedDouble(o, factor) !== compared(o, threshold));
  };
  /** Thresholds of beta = 2 at the scale of the window's beginning, where engines compare. */
  const integerThresholds = [0.5, 0.6, 0.625, 2 / 3, 1].flatMap((phi) =>
    Array.from(
      { length: 30 },
      (_, i) => thresholdAt(1, { T: 30, Ts: i, beta: 2, phi }) * 2 ** -(i + 1 + (i % 7)),
    ),
  );
  const anywhere = Array.from({ length: 5000 }, () => Math.exp(40 * (next() - 0.5)));

  it('decides like >= and <= at every number for the thresholds of beta 2', () => {
    for (const threshold of integerThresholds) {
      const near = [previousDouble(threshold), threshold, nextDouble(threshold)];
      const far = Array.from({ length: 50 }, () => threshold * 2 * next());
      const found = otherwise(threshold, [0, 1e300, ...near, ...far]);
      if (found !== undefined) expect.fail(`threshold ${threshold} decides ${found} otherwise`);
    }
  });

  it('lets the number just below 3/4 fire, which float32 does not', () => {
    expect(otherwise(0.75, [previousDouble(0.75)])).toBe(previousDouble(0.75));
    expect(disagreement(0.75, [previousFloat(0.75)])).toBeUndefined();
  });

  it('decides so from the second number below any threshold on', () => {
    for (const threshold of anywhere) {
      const second = previousDouble(previousDouble(threshold));
      const far = Array.from({ length: 20 }, () => threshold * 2 * next());
      const found = otherwise(threshold, [second, threshold, nextDouble(threshold), ...far]);
      if (found !== undefined) expect.fail(`threshold ${threshold} decides ${found} otherwise`);
    }
  });

  it('lets the number just below fire for about one threshold in six, by 2^-53 of it', () => {
    const inexact = anywhere.filter((threshold) => otherwise(threshold, [previousDouble(threshold)]));
    expect(inexact.length / anywhere.length).toBeCloseTo(1 / 6, 1);
  });
});

describe('float64 neighbours', () => {
  it.each([1, 0.5, 1.5, 0.1, 2 ** 100, 3e-300])('of %d are one unit in the last place away', (x) => {
    expect(nextDouble(x) - x).toBe(2 ** (Math.floor(Math.log2(x)) - 52));
    expect(nextDouble(previousDouble(x))).toBe(x);
  });
});
