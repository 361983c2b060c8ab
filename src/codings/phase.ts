// Phase coding: all neurons share a clock, and the weight of a spike is that of its phase.
import { defineCoding } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/** Steps of a period: bits of a value. */
const PERIOD = 8;

/** The weight of step t, 0 first: 2^-(1 + t mod period). */
const weights = (steps: number) => Array.from({ length: steps }, (_, t) => 2 ** -(1 + (t % PERIOD)));

/** What the weights of a period add up to. */
const WHOLE = 1 - 2 ** -PERIOD;

/**
 * s = [v >= w(t) theta], v -= w(t) theta s, and the spike carries w(t) theta, w(t) = 2^-(1 + t mod 8) at all layers alike.
 * Image and biases enter with the same weights, so that a period carries each once. theta (1 - 2^-8) is the layer's largest
 * value.
 */
export const phase = defineCoding({
  name: 'phase',
  summary: 'phase coding: spikes weigh 2^-(1 + t mod 8), the same clock at all layers',
  source: 'Kim et al. 2018 (weighted spikes); the image enters as it is, in shares of the same weights',
  schedule: 'synchronous',
  limits: { maxPool: false },
  anytime: true,
  steps: [8, 16, 24, 32, 48, 64, 96, 128],
  latency: (steps) => steps,
  settings: (subject) => ({ amplitudes: topsAt(subject, 99.9, 1 / WHOLE) }),
  shares: (steps) => weights(steps).map((weight) => weight / WHOLE),
  neuron: (steps) => ({
    initial: 0,
    sequences: { weight: weights(steps) },
    step(b, { v, theta, at }) {
      const weighted = b.node('Mul', [theta, at.weight!]);
      const spikes = atLeast(b, v, weighted);
      const value = b.node('Mul', [spikes, weighted]);
      return { v: b.node('Sub', [v, value]), spikes, value };
    },
  }),
});
