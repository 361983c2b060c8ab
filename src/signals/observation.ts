import { fromUnit, toUnit } from './normalise.ts';
import type { Values } from './parameter.ts';
import { CONVERSIONS, countSpikes, rateConverter, windowParameters } from './rate-coding.ts';
import { defineSignalEncoder, type FeatureContext } from './signal-encoder.ts';

const parameters = {
  ...windowParameters,
  code: {
    kind: 'choice',
    summary: 'what is encoded: the value, its change since the sample before, or both',
    default: 'rate',
    choices: ['rate', 'step', 'both'],
  },
  stepThreshold: {
    kind: 'number',
    summary: 'change that is a full rate in step coding; the range is 1 wide',
    default: 1,
    low: 1e-6,
    high: 1e6,
    search: { low: 0.01, high: 1, only: { code: 'step' } },
  },
  split: {
    kind: 'flag',
    summary: 'whether values above and below the middle have channels of their own (split_exc_inh)',
    default: true,
  },
  inverted: {
    kind: 'flag',
    summary: 'whether every channel is followed by its inverse (add_inverted_inputs)',
    default: false,
  },
  conversion: {
    kind: 'choice',
    summary: 'how rates become spikes',
    default: 'deterministic',
    choices: CONVERSIONS,
  },
} as const;

type ObservationValues = Values<typeof parameters>;

/**
 * Observations of reinforcement learning as rates. A sample p, normalised to [0, 1] (values outside the range count as its
 * ends), is encoded as it is (rate coding) or by its change, (p[t] - p[t-1]) / (2 stepThreshold) + 1/2 (step coding), or as
 * both, the change first. A split rate p becomes max(0, 2p - 1) (excitatory) and max(0, 1 - 2p) (inhibitory); inverted
 * inputs append 1 - p of every channel; all are multiplied by maxFiringRate. Channels: all excitatory ones, all inhibitory
 * ones, the inverses in the same order. Decoding is ours, the reference has none: spikes counted and the steps undone, from
 * the first sample on where only changes were encoded.
 */
export const observation = defineSignalEncoder({
  name: 'rate',
  title: 'observation (rate or step)',
  summary: 'each sample, or its change, as firing rates over a window',
  source: 'A. Vasilache et al., arXiv 2504.11026, GymnasiumEncoder',
  parameters,
  corrections: [
    'The deterministic conversion takes round(p T) spikes; in the reference it takes ceil(p T), and any rate above 0 spikes.',
    'Inverses are 1 - p times maxFiringRate; the reference multiplies maxFiringRate - p by maxFiringRate.',
  ],
  layout: (values) => ({ channels: channelsOf(values), steps: values.steps }),
  encode(signal, context, values) {
    const { steps, maxFiringRate, split, inverted } = values;
    const time = signal.length;
    const spikes = new Int8Array(channelsOf(values) * time * steps);
    const converter = rateConverter(values, context);
    const inverseOf = context.behaviour === 'reference' ? maxFiringRate : 1;
    const coded = codedValues(signal, context, values);
    for (let t = 0; t < time; t++) {
      const levels = coded.map((series) => series[t]!);
      const rates = split ? [...levels.map(above), ...levels.map(below)] : levels;
      const all = inverted ? [...rates, ...rates.map((rate) => Math.max(0, inverseOf - rate))] : rates;
      all.forEach((rate, channel) => {
        converter.write(spikes, (channel * time + t) * steps, maxFiringRate * rate);
      });
    }
    return spikes;
  },
  decode(spikes, time, context, values) {
    const { steps, maxFiringRate, split, code, stepThreshold } = values;
    const coded = code === 'both' ? 2 : 1;
    const rateAt = (channel: number, t: number) =>
      countSpikes(spikes, (channel * time + t) * steps, steps) / (steps * maxFiringRate);
    // Where both are encoded, the value follows the change.
    const channel = coded - 1;
    const unit = Float64Array.from({ length: time }, (_, t) =>
      split ? 0.5 + (rateAt(channel, t) - rateAt(channel + coded, t)) / 2 : rateAt(channel, t),
    );
    if (code === 'step') {
      let level = toUnit(Float64Array.of(context.first), context)[0]!;
      for (let t = 0; t < time; t++) {
        if (t > 0) level += (2 * unit[t]! - 1) * stepThreshold;
        unit[t] = level;
      }
    }
    return fromUnit(unit, context);
  },
  // Normalising; for each channel the split (a difference and a factor) and a comparison at each step.
  arithmetic(time, _, values) {
    const channels = channelsOf(values);
    return {
      additions: time * (1 + channels * (1 + values.steps)),
      multiplications: time * (1 + channels),
    };
  },
});

const above = (p: number) => Math.max(0, 2 * (p - 0.5));
const below = (p: number) => Math.max(0, 2 * (0.5 - p));

function channelsOf({ code, split, inverted }: ObservationValues): number {
  return (code === 'both' ? 2 : 1) * (split ? 2 : 1) * (inverted ? 2 : 1);
}

/** The series in [0, 1] that become rates: the change, the value, or both. */
function codedValues(
  signal: Float64Array,
  context: FeatureContext,
  { code, stepThreshold }: ObservationValues,
): readonly Float64Array[] {
  const clip = (p: number) => Math.min(1, Math.max(0, p));
  const value = toUnit(signal, context).map(clip);
  const change = value.map((p, t) => clip((p - value[Math.max(0, t - 1)]!) / stepThreshold / 2 + 0.5));
  return { rate: [value], step: [change], both: [change, value] }[code];
}
