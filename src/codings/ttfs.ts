// Time to first spike: the earlier the one spike of a neuron, the larger its activation.
import { defineCoding, layerWise } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/**
 * A threshold that falls from theta to theta / T over a window of T steps, theta (T - t + 1) / T; the neuron fires once, when
 * it meets the potential. A synapse then adds W every step until the window ends, so that the spike has carried
 * W theta (T - t + 1) / T. Half a step is added beforehand: the value is rounded, and the error at most theta / (2T).
 */
export const ttfs = defineCoding({
  ...layerWise,
  name: 'ttfs',
  summary: 'time to first spike: at most one spike of each neuron, its time is the activation',
  source: 'Rueckauer and Liu 2018; windows layer by layer as Stanojevic et al. 2023, by a clock',
  steps: [4, 8, 16, 32, 64, 128],
  settings: (subject) => ({ amplitudes: topsAt(subject, 100) }),
  neuron: (steps) => ({
    initial: 1 / (2 * steps),
    sequences: { level: Array.from({ length: steps }, (_, t) => (steps - t) / steps) },
    step(b, { v, theta, at }) {
      const level = b.node('Mul', [theta, at.level!]);
      const spikes = atLeast(b, v, level);
      const value = b.node('Mul', [spikes, level]);
      // A neuron that has fired is at 0, below every threshold to come.
      return { v: b.node('Sub', [v, b.node('Mul', [v, spikes])]), spikes, value };
    },
  }),
});
