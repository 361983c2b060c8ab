import { fromUnit, toUnit } from './normalise.ts';
import { CONVERSIONS, countSpikes, rateConverter, windowParameters } from './rate-coding.ts';
import { defineSignalEncoder } from './signal-encoder.ts';

/**
 * Gaussian receptive fields. A sample p, normalised to [0, 1], gives each of n bins the rate
 *   r[i] = maxFiringRate g[i] / sum(g),   g[i] = exp(-(p - centre[i])^2 / (2 sigma^2)),   centre[i] = i / (n - 1)
 * which spikes over a window of its own. Values outside the range count as its ends. Decoding is ours, the reference has
 * none: the mean of the centres weighted with their spikes; a window without a spike repeats the one before.
 */
export const binPopulation = defineSignalEncoder({
  name: 'bin',
  title: 'bins (population)',
  summary: 'each sample as the rates of neurons that prefer different values',
  source: 'S. Bohte, H. La Poutré, J. Kok, IEEE TNN 13(2), 2002',
  parameters: {
    ...windowParameters,
    bins: {
      kind: 'number',
      summary: 'number of bins (n_bins)',
      default: 10,
      low: 2,
      high: 1000,
      whole: true,
    },
    sigma: {
      kind: 'number',
      summary: 'width of a bin; the range is 1 wide',
      default: 0.1,
      low: 1e-3,
      high: 10,
      search: { low: 0.02, high: 0.5 },
    },
    conversion: {
      kind: 'choice',
      summary: 'how rates become spikes',
      default: 'poisson',
      choices: CONVERSIONS,
    },
  },
  corrections: [
    'The deterministic conversion takes round(p T) spikes. In the reference it takes ceil(p T), so that every bin spikes ' +
      'at the last step of every window, however far away.',
  ],
  layout: ({ bins, steps }) => ({ channels: bins, steps }),
  encode(signal, context, values) {
    const { bins, sigma, steps, maxFiringRate } = values;
    const time = signal.length;
    const unit = toUnit(signal, context);
    const spikes = new Int8Array(bins * time * steps);
    const converter = rateConverter(values, context);
    const response = new Float64Array(bins);
    for (let t = 0; t < time; t++) {
      const p = Math.min(1, Math.max(0, unit[t]!));
      // Relative to the nearest bin, so that narrow bins do not all vanish.
      const nearest = Math.round(p * (bins - 1)) / (bins - 1);
      let sum = 0;
      for (let i = 0; i < bins; i++) {
        const exponent = (p - i / (bins - 1)) ** 2 - (p - nearest) ** 2;
        sum += response[i] = Math.exp(-exponent / (2 * sigma ** 2));
      }
      for (let i = 0; i < bins; i++) {
        converter.write(spikes, (i * time + t) * steps, (maxFiringRate * response[i]!) / sum);
      }
    }
    return spikes;
  },
  decode(spikes, time, context, { bins, steps }) {
    const unit = new Float64Array(time);
    for (let t = 0; t < time; t++) {
      let [count, weighted] = [0, 0];
      for (let i = 0; i < bins; i++) {
        const spikesOfBin = countSpikes(spikes, (i * time + t) * steps, steps);
        count += spikesOfBin;
        weighted += (spikesOfBin * i) / (bins - 1);
      }
      unit[t] = count > 0 ? weighted / count : t > 0 ? unit[t - 1]! : 0.5;
    }
    return fromUnit(unit, context);
  },
  // Normalising; for each bin a difference, a square, a factor, the sum and its division (the exponential is taken for a
  // table), and at each step a comparison (the drawing of random numbers is not counted).
  arithmetic: (time, _, { bins, steps }) => ({
    additions: time * (1 + bins * (2 + steps)),
    multiplications: time * (1 + 3 * bins),
  }),
});
