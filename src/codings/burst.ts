// Burst coding: spikes that follow each other carry more and more.
import { defineCoding } from './baseline-coding.ts';
import { atLeast } from './firing.ts';
import { topsAt } from './thresholds.ts';

/** Growth from spike to spike of a burst. */
const GROWTH = 2;
/** The first spike of a burst, as a share of the layer's largest value. */
const FIRST = 1 / 8;

/**
 * g(t) = 2 g(t-1) after a spike and 1 after none; s = [v >= g theta / 8], v -= g theta s / 8, and the spike carries
 * g theta / 8. Bursts have no end of their own: nothing saturates.
 */
export const burst = defineCoding({
  name: 'burst',
  summary: 'burst coding: each spike of a burst carries twice what the one before did',
  source: 'Park et al. 2019 (growth 2, first threshold 0.125); the image enters as it is',
  schedule: 'synchronous',
  limits: { maxPool: false },
  anytime: true,
  steps: [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128],
  latency: (steps) => steps,
  settings: (subject) => ({ amplitudes: topsAt(subject, 99.9) }),
  neuron: () => ({
    initial: 0,
    // In units of theta, as potentials are.
    states: { threshold: FIRST },
    step(b, { v, theta, states: { threshold } }) {
      const spikes = atLeast(b, v, threshold!);
      const value = b.node('Mul', [spikes, threshold!]);
      const first = b.node('Mul', [theta, b.scalar(FIRST)]);
      const grown = b.node('Add', [
        first,
        b.node('Mul', [spikes, b.node('Sub', [b.node('Mul', [threshold!, b.scalar(GROWTH)]), first])]),
      ]);
      return { v: b.node('Sub', [v, value]), states: { threshold: grown }, spikes, value };
    },
  }),
});
