// The expected loss against mathjs's error function, hand-made margins, and answers counted under drawn noise.
import { erf } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { answerMargins, expectedLoss, logitError, normalTail } from '../../src/metrics/expected-loss.ts';
import { noise } from '../../src/tensor/noise.ts';

it('knows the tail of the normal distribution', () => {
  for (const x of [0, 0.1, 0.5, 1, 1.96, 3, 5, 7.9]) {
    expect(Math.abs(normalTail(x) - (1 - erf(x / Math.SQRT2)) / 2)).toBeLessThan(1e-14);
  }
  expect(normalTail(9)).toBe(0);
});

describe('expectedLoss', () => {
  // One image is answered rightly with a margin of 1, one wrongly: class 0 for class 1, margin 2.
  const ann = Float32Array.of(1, 0, 3, 1);

  it('counts right answers that change as lost, and wrong ones that become right as won', () => {
    const margins = answerMargins(ann, 2, [0, 1]);
    expect([...margins.margins]).toEqual([1, 2]);
    expect([...margins.weights]).toEqual([1, -1]);
    expect(expectedLoss(margins, 1).expected).toBeCloseTo((normalTail(1) - normalTail(2)) / 2, 12);
    expect(expectedLoss(margins, 0)).toEqual({ expected: 0, bound: 0 });
    expect(expectedLoss(margins, Number.POSITIVE_INFINITY)).toEqual({ expected: 1, bound: 1 });
    // Two images that lose a and -b: the mean's standard error is (a + b) / 2 / sqrt(2).
    const half = (normalTail(1) + normalTail(2)) / 2;
    const { expected, bound } = expectedLoss(margins, 1);
    expect(bound).toBeCloseTo(expected + (1.645 * half) / Math.SQRT2, 4);
  });

  it("takes the ANN's own probabilities where there are no labels", () => {
    const { weights } = answerMargins(ann, 2, null);
    const softmax = (margin: number) => 1 / (1 + Math.exp(-margin));
    expect(weights[0]).toBeCloseTo(2 * softmax(1) - 1, 7);
    expect(weights[1]).toBeCloseTo(2 * softmax(2) - 1, 7);
  });

  it('is the loss that drawn noise causes', () => {
    const images = 20_000;
    const sigma = 0.7;
    const scores = noise([images, 2], 2, 3).data;
    // The sum of twelve uniform values of variance 1/12 is nearly normal.
    const uniform = noise([images, 12], 0.5, 5).data;
    let changed = 0;
    for (let i = 0; i < images; i++) {
      const drawn = sigma * uniform.subarray(12 * i, 12 * i + 12).reduce((a, b) => a + b, 0);
      const difference = scores[2 * i]! - scores[2 * i + 1]!;
      if (difference > 0 !== difference + drawn > 0) changed++;
    }
    const labels = Array.from({ length: images }, (_, i) => Number(scores[2 * i + 1]! > scores[2 * i]!));
    expect(expectedLoss(answerMargins(scores, 2, labels), sigma).expected).toBeCloseTo(changed / images, 2);
  });
});

describe('logitError', () => {
  const ann = Float32Array.of(2, 0, -1, 0, 3, 1);

  it('leaves a common factor out, which changes no answer', () => {
    const { sigma, relative } = logitError(
      ann.map((value) => 0.8 * value),
      ann,
      3,
    );
    expect(sigma).toBeLessThan(1e-6);
    expect(relative).toBeLessThan(1e-6);
  });

  it('takes the error of differences to the score of the answer', () => {
    // An error of 0.1 and -0.1 across the answer, orthogonal to the scores: alpha stays 1.
    const snn = Float32Array.of(2, 0.1, -1, 0, 3, 1);
    expect(logitError(snn, ann, 3).sigma).toBeCloseTo(0.1 / 2, 6);
    expect(logitError(snn.fill(Number.NaN), ann, 3).sigma).toBe(Number.POSITIVE_INFINITY);
  });
});
