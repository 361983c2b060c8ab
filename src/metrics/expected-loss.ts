// What a conversion is expected to cost in accuracy, from the size of its error alone. A few hundred images tell the rate of
// changed answers badly, and on images that the ANN was trained on hardly any answer changes at all; the size of the error of
// the logits they tell well. So the error is taken to be normal, and each answer to change with the probability that the
// error exceeds its margin:
//
//   m_ik  = ann_i[a] - ann_i[k]           margin of image i: a is the ANN's answer, k any other class
//   e_ik  = (snn_i[k] - snn_i[a]) / alpha + m_ik      error of that difference; alpha, the best common factor, changes no answer
//   sigma = root of the mean e_ik^2 over all i and k
//   loss  = mean over i of sum over k of Phi(-m_ik / sigma) w_ik
//
// With labels, w is 1 where the ANN is right, -1 where k is, else 0. Without, it is p_i[a] - p_i[k], p the ANN's softmax.
// Few images say little of a small loss, so it comes with a bound: the upper end of its one-sided 95 % interval over the images.
// docs/tuning.md compares both with losses measured on 5,000 images.
import { argmax } from './accuracy.ts';

/** How sure the ANN is of its answers, and what changing them costs. */
export interface AnswerMargins {
  readonly images: number;
  /** Per image and other class, image by image. */
  readonly margins: Float64Array;
  readonly weights: Float64Array;
}

/**
 * @param ann logits [images, classes]
 * @param labels one for each image, or null
 */
export function answerMargins(
  ann: Float32Array,
  classes: number,
  labels: ArrayLike<number> | null,
): AnswerMargins {
  const images = ann.length / classes;
  const margins = new Float64Array(images * (classes - 1));
  const weights = new Float64Array(margins.length);
  let at = 0;
  for (let i = 0; i < images; i++) {
    const scores = ann.subarray(i * classes, (i + 1) * classes);
    const answer = Math.max(0, argmax(scores, 0, classes));
    const shares = scores.map((score) => Math.exp(score - scores[answer]!));
    const total = shares.reduce((sum, share) => sum + share, 0);
    for (let k = 0; k < classes; k++) {
      if (k === answer) continue;
      margins[at] = scores[answer]! - scores[k]!;
      weights[at] =
        labels === null ? (1 - shares[k]!) / total : Number(labels[i] === answer) - Number(labels[i] === k);
      at++;
    }
  }
  return { images, margins, weights };
}

/** Fractions of accuracy. */
export interface LossEstimate {
  readonly expected: number;
  /** With 95 % confidence no more than this is expected on other images of the same kind. */
  readonly bound: number;
}

/** 95 % of a normal distribution lie below this many standard deviations. */
const ONE_SIDED_95 = 1.6448536269514722;

/** The loss of accuracy that an error of `sigma` causes; 1 where the error is no number. */
export function expectedLoss({ images, margins, weights }: AnswerMargins, sigma: number): LossEstimate {
  if (!Number.isFinite(sigma)) return { expected: 1, bound: 1 };
  const others = margins.length / images;
  let sum = 0;
  let squared = 0;
  for (let i = 0; i < images; i++) {
    let changed = 0;
    let cost = 0;
    for (let at = i * others; at < (i + 1) * others; at++) {
      const chance = sigma === 0 ? 0 : normalTail(margins[at]! / sigma);
      changed += chance;
      cost += chance * weights[at]!;
    }
    // The answer changes at most once.
    cost /= Math.max(1, changed);
    sum += cost;
    squared += cost * cost;
  }
  const expected = sum / images;
  const variance = Math.max(0, squared / images - expected * expected);
  return { expected, bound: expected + ONE_SIDED_95 * Math.sqrt(variance / images) };
}

/** How far SNN logits are from the ANN's. */
export interface LogitError {
  /** Root mean square error of the differences to the score of the ANN's answer, in the ANN's units. */
  readonly sigma: number;
  /** Root of sum (snn / alpha - ann)^2 / sum ann^2 */
  readonly relative: number;
}

/** Both [images, classes], with one common factor alpha taken out. */
export function logitError(snn: Float32Array, ann: Float32Array, classes: number): LogitError {
  let product = 0;
  let squared = 0;
  for (let i = 0; i < ann.length; i++) {
    product += snn[i]! * ann[i]!;
    squared += ann[i]! * ann[i]!;
  }
  const alpha = product / squared;
  if (!(alpha > 0)) return { sigma: Number.POSITIVE_INFINITY, relative: Number.POSITIVE_INFINITY };
  let ofDifferences = 0;
  let ofScores = 0;
  for (let from = 0; from < ann.length; from += classes) {
    const answer = from + Math.max(0, argmax(ann, from, classes));
    const own = snn[answer]! / alpha - ann[answer]!;
    for (let i = from; i < from + classes; i++) {
      const error = snn[i]! / alpha - ann[i]!;
      ofScores += error * error;
      ofDifferences += (error - own) ** 2;
    }
  }
  const pairs = (ann.length / classes) * (classes - 1);
  return { sigma: Math.sqrt(ofDifferences / pairs), relative: Math.sqrt(ofScores / squared) };
}

/** Above this many standard deviations float64 has no share left. */
const FARTHEST = 8;

/**
 * Share of a normal distribution above `x`, for x >= 0: 1/2 - phi(x) (x + x^3/3 + x^5/(3 5) + ...), within 1e-15
 * (G. Marsaglia, Evaluating the normal distribution, 2004).
 */
export function normalTail(x: number): number {
  if (x > FARTHEST) return 0;
  let term = x;
  let sum = x;
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return Math.max(0, 0.5 - (sum * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI));
}
