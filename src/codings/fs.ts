// Few-spikes coding: the binary digits of the activation, most significant first.
import { defineCoding, layerWise } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/** theta 2^-t, t = 1..K. */
const digits = (K: number) => Array.from({ length: K }, (_, t) => 2 ** -(t + 1));

/**
 * The ReLU of the paper: T(t) = h(t) = d(t) = theta 2^-t, s = [v >= T(t)], v -= h(t) s, decoded sum of d(t) s, which is v
 * rounded down to a multiple of theta 2^-K. theta (1 - 2^-K) is the layer's largest value. The paper's step is strict, the
 * closed form in its code is not; a value that is a sum of digits keeps its last one with this.
 */
export const fs = defineCoding({
  ...layerWise,
  name: 'fs',
  summary: 'few-spikes neurons: binary digits of the activation in K steps',
  source: 'Stöckl and Maass 2021, with the ReLU coefficients of its code',
  steps: [2, 3, 4, 5, 6, 7, 8, 10, 12],
  settings: (subject, steps) => ({ amplitudes: topsAt(subject, 100, 1 / (1 - 2 ** -steps)) }),
  neuron: (steps) => ({
    initial: 0,
    sequences: { digit: digits(steps) },
    step(b, { v, theta, at }) {
      const weight = b.node('Mul', [theta, at.digit!]);
      const spikes = atLeast(b, v, weight);
      const value = b.node('Mul', [spikes, weight]);
      return { v: b.node('Sub', [v, value]), spikes, value };
    },
  }),
});
