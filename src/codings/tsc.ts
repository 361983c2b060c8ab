// Temporal-switch coding: a neuron switches on and off again, and the time between is its activation.
import { defineCoding, layerWise } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/**
 * In a window of T steps a neuron spikes at its beginning and again k steps later, k = round(v (T - 1) / theta): its synapses
 * add W each step between. None of both where k is 0. The error is at most theta / (2 (T - 1)).
 */
export const tsc = defineCoding({
  ...layerWise,
  name: 'tsc',
  summary: 'temporal-switch coding: two spikes of each neuron, the time between them is the activation',
  source: 'Han and Roy 2020 (two spikes of opposite sign); windows layer by layer',
  steps: [4, 8, 16, 32, 64, 128],
  settings: (subject) => ({ amplitudes: topsAt(subject, 100) }),
  neuron: (steps) => ({
    initial: 1 / (2 * (steps - 1)),
    states: { on: 0 },
    // No neuron can be on beyond the end of its window.
    sequences: { open: Array.from({ length: steps }, (_, t) => (t < steps - 1 ? 1 : 0)) },
    step(b, { v, theta, states: { on }, at }) {
      const quantum = b.node('Mul', [theta, b.scalar(1 / (steps - 1))]);
      // On as long as a quantum is left; what is left only shrinks, so a neuron that is off stays off.
      const next = b.node('Mul', [atLeast(b, v, quantum), at.open!]);
      const value = b.node('Mul', [next, quantum]);
      const spikes = b.node('Abs', [b.node('Sub', [next, on!])]);
      return { v: b.node('Sub', [v, value]), states: { on: next }, spikes, value };
    },
  }),
});
