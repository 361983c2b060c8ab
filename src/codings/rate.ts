// Rate coding: integrate-and-fire neurons, the mean of their spikes over T steps is the activation.
import { type BaselineCoding, type BaselineNeuron, defineCoding } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/** Steps at which a run is read. */
const STEPS = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128] as const;

const rate = {
  schedule: 'synchronous',
  limits: { maxPool: false },
  anytime: true,
  steps: STEPS,
  // A spike reaches the next layer in its own step, so the answer after T steps is that of T steps.
  latency: (steps) => steps,
} as const satisfies Partial<BaselineCoding>;

/** v += z, s = [v >= theta], v -= theta s. */
const softReset: BaselineNeuron = {
  initial: 0,
  step(b, { v, theta }) {
    const spikes = atLeast(b, v, theta);
    const value = b.node('Mul', [spikes, theta]);
    return { v: b.node('Sub', [v, value]), spikes, value };
  },
};

export const rateSoftReset = defineCoding({
  ...rate,
  name: 'rate',
  summary: 'integrate-and-fire, soft reset, threshold at percentile 99.9',
  source: 'Rueckauer et al. 2017, reset by subtraction; thresholds as the ann2snn converter of SpikingJelly',
  amplitudes: (subject) => topsAt(subject, 99.9),
  neuron: () => softReset,
});
