// Rate coding: integrate-and-fire neurons, the mean of their spikes over T steps is the activation. One network, and the ways
// that the literature has found to need fewer steps.
import {
  type BaselineCoding,
  type BaselineNeuron,
  type CodingSettings,
  defineCoding,
} from './baseline-coding.ts';
import { asNumber, atLeast } from './firing.ts';
import { channelStatistics } from './layer-values.ts';
import { lightBiases } from './light-calibration.ts';
import { mseThresholds } from './mse-thresholds.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';
import { balancedThresholds } from './threshold-balancing.ts';
import { atMost, topsAt } from './thresholds.ts';

const rate = {
  schedule: 'synchronous',
  limits: { maxPool: false },
  anytime: true,
  steps: [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128],
  // A spike reaches the next layer in its own step, so the answer after T steps is that of T steps.
  latency: (steps) => steps,
} as const satisfies Partial<BaselineCoding>;

/** v += z, s = [v >= theta], v -= theta s. */
function softReset(initial: number): BaselineNeuron {
  return {
    initial,
    step(b, { v, theta }) {
      const spikes = atLeast(b, v, theta);
      const value = b.node('Mul', [spikes, theta]);
      return { v: b.node('Sub', [v, value]), spikes, value };
    },
  };
}

/** v += z, s = [v >= theta], v = 0 after a spike: what was above the threshold is lost. */
const hardReset: BaselineNeuron = {
  initial: 0,
  step(b, { v, theta }) {
    const spikes = atLeast(b, v, theta);
    return {
      v: b.node('Sub', [v, b.node('Mul', [v, spikes])]),
      spikes,
      value: b.node('Mul', [spikes, theta]),
    };
  },
};

/** Below this share of theta a neuron takes a spike back. */
const BELOW = -1e-3;

/**
 * Soft reset with spikes of both signs: +1 at v >= theta, -1 at v <= -0.001 theta if more were sent than taken back. A neuron
 * that fired too early mends it.
 */
const signed: BaselineNeuron = {
  initial: 0.5,
  states: { sent: 0 },
  step(b, { v, theta, states }) {
    const sent = states.sent!;
    const up = atLeast(b, v, theta);
    const below = b.node('LessOrEqual', [v, b.node('Mul', [theta, b.scalar(BELOW)])]);
    // Half of a spike tells none from one, whatever rounding did to the sum.
    const some = b.node('Greater', [sent, b.node('Mul', [theta, b.scalar(0.5)])]);
    const down = asNumber(b, b.node('And', [below, some]));
    const value = b.node('Mul', [b.node('Sub', [up, down]), theta]);
    return {
      v: b.node('Sub', [v, value]),
      states: { sent: b.node('Add', [sent, value]) },
      spikes: b.node('Add', [up, down]),
      value,
    };
  },
};

const at =
  (percent: number) =>
  (subject: CodingSubject): CodingSettings => ({ amplitudes: topsAt(subject, percent) });

/** The largest value of each channel. */
async function channelMaxima(subject: CodingSubject): Promise<CodingSettings> {
  const channels = await channelStatistics(subject);
  const amplitudes = neuronsOf(subject).map((node) => {
    const { max } = channels.get(node.output)!;
    return [
      node.output as string,
      atMost(
        node,
        Array.from(max, (value) => value || 1),
      ),
    ] as const;
  });
  return { amplitudes: new Map(amplitudes) };
}

/** The plain one. */
export const rateSoftReset = defineCoding({
  ...rate,
  name: 'rate',
  summary: 'rate: soft reset, threshold at percentile 99.9',
  source: 'Rueckauer et al. 2017, reset by subtraction; thresholds as the converter of SpikingJelly',
  settings: at(99.9),
  neuron: () => softReset(0),
});

/** All variants, the plain one first. */
export const rateCodings = [
  rateSoftReset,
  defineCoding({
    ...rate,
    name: 'rate-half',
    summary: 'rate: soft reset, potentials begin at half the threshold (percentile 99.9)',
    source: 'Bu et al. 2022: the initial potential that makes the mean a rounded one',
    settings: at(99.9),
    neuron: () => softReset(0.5),
  }),
  defineCoding({
    ...rate,
    name: 'rate-max',
    summary: 'rate: soft reset, threshold at the largest value',
    source: 'Diehl et al. 2015, data-based normalisation by the maximum',
    settings: at(100),
    neuron: () => softReset(0),
  }),
  defineCoding({
    ...rate,
    name: 'rate-hard',
    summary: 'rate: reset to zero, threshold at percentile 99.9',
    source: 'Diehl et al. 2015: reset to zero',
    settings: at(99.9),
    neuron: () => hardReset,
  }),
  defineCoding({
    ...rate,
    name: 'rate-signed',
    summary: 'rate: spikes of both signs, potentials begin at half the threshold (percentile 99.9)',
    source: 'Hu et al. 2023 (Fast-SNN), signed integrate-and-fire',
    settings: at(99.9),
    neuron: () => signed,
  }),
  defineCoding({
    ...rate,
    name: 'rate-channel',
    summary: 'rate: soft reset, threshold of each channel at its largest value, half of it at the beginning',
    source: 'Kim et al. 2020 (Spiking-YOLO), channel-wise normalisation',
    settings: channelMaxima,
    neuron: () => softReset(0.5),
  }),
  defineCoding({
    ...rate,
    name: 'rate-mse',
    summary: 'rate: soft reset, thresholds of the smallest error for T, half of it at the beginning',
    source: 'Li et al. 2021 (SNN_Calibration), threshold search without calibration',
    anytime: false,
    steps: [4, 8, 16, 32, 64, 128],
    settings: async (subject, T) => ({ amplitudes: await mseThresholds(subject, T) }),
    neuron: () => softReset(0.5),
  }),
  defineCoding({
    ...rate,
    name: 'rate-light',
    summary: 'rate: as rate-mse, and the bias of each channel takes up what its mean lacks',
    source: 'Li et al. 2021 (SNN_Calibration), light pipeline',
    anytime: false,
    steps: [4, 8, 16, 32, 64],
    async settings(subject, T) {
      const amplitudes = await mseThresholds(subject, T);
      return { amplitudes, biases: await lightBiases(subject, softReset(0.5), amplitudes, T) };
    },
    neuron: () => softReset(0.5),
  }),
  defineCoding({
    ...rate,
    name: 'rate-ltb',
    summary: 'rate: local threshold balancing of each channel, delayed readout',
    source: 'Bu et al. 2025 (Inference-scale complexity)',
    async settings(subject) {
      const { amplitudes, delay } = await balancedThresholds(subject);
      return { amplitudes, readoutDelay: delay };
    },
    neuron: () => softReset(0.5),
  }),
  defineCoding({
    ...rate,
    name: 'rate-cos',
    summary: 'rate: potentials shifted after watching each layer for 8 steps (percentile 99.9)',
    source: 'Hao et al. 2023 (COS), one round of offset-spike calibration, 8 steps',
    watched: 8,
    latency: (steps, layers) => steps + 8 * layers,
    settings: at(99.9),
    neuron: () => softReset(0.5),
  }),
] as const satisfies readonly BaselineCoding[];
