// The ONNX form of the ternary decision must be >= and <=, for every float32 that may come.
import { describe, expect, it } from 'vitest';
import { thresholdAt } from '../../src/neurons/tsa.ts';
import { decisionFactor, nextFloat, previousFloat } from '../../src/snn/rounding.ts';
import { uniform } from './tiny.ts';

const { fround } = Math;

/** round(clip(o * c, -1, 1)) as ONNX computes it in float32: half to even. */
function rounded(o: number, factor: number): number {
  const clipped = Math.min(1, Math.max(-1, fround(o * factor)));
  return clipped > 0.5 ? 1 : clipped < -0.5 ? -1 : 0;
}

function compared(o: number, threshold: number): number {
  return o >= threshold ? 1 : o <= -threshold ? -1 : 0;
}

/** Thresholds of every coding that can be asked for, and their theta-scaled variants in the ANN's units. */
function thresholds(): number[] {
  const found: number[] = [];
  for (const beta of [1.5, 1.75, 2]) {
    for (const phi of [0.5, 0.6, 0.625, 2 / 3, 1]) {
      for (let Ts = 0; Ts < 30; Ts++) {
        for (const t of [1, 30 + Ts]) found.push(thresholdAt(t, { T: 30, Ts, beta, phi }));
        // where potentials are kept at the scale of the window's end
        for (let t = 1; t <= 30; t += 7) found.push(fround((phi * beta ** Ts) / beta ** t));
      }
    }
  }
  const next = uniform(5);
  for (let i = 0; i < 2000; i++) found.push(fround(Math.exp(40 * (next() - 0.5))));
  return [...new Set(found)];
}

describe('decisionFactor', () => {
  it('decides like >= and <= at, just below and just above every threshold', () => {
    for (const threshold of thresholds()) {
      const factor = decisionFactor(threshold);
      expect(factor).toBe(fround(factor));
      for (const o of [threshold, previousFloat(threshold), nextFloat(threshold), 0, 1e30]) {
        for (const signed of [o, -o]) {
          if (rounded(signed, factor) !== compared(signed, threshold)) {
            expect.fail(`threshold ${threshold}, factor ${factor}, value ${signed}`);
          }
        }
      }
    }
  });

  it('decides like >= and <= for random floats', () => {
    const next = uniform(6);
    for (const threshold of thresholds()) {
      const factor = decisionFactor(threshold);
      for (let i = 0; i < 50; i++) {
        const o = fround(threshold * (4 * next() - 2));
        if (rounded(o, factor) !== compared(o, threshold)) {
          expect.fail(`threshold ${threshold}, factor ${factor}, value ${o}`);
        }
      }
    }
  });
});

describe('float neighbours', () => {
  it.each([1, 0.5, 1.5, 0.1, 2 ** 100, 3e-38].map(fround))('of %d are one unit in the last place away', (x) => {
    const gap = 2 ** (Math.floor(Math.log2(x)) - 23);
    expect(nextFloat(x) - x).toBe(gap);
    expect(nextFloat(previousFloat(x))).toBe(x);
  });
});
