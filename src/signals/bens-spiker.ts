import { lowPassTaps } from './fir-filter.ts';
import { fromUnit, toUnit } from './normalise.ts';
import { defineSignalEncoder } from './signal-encoder.ts';

/**
 * Ben's spiker algorithm. A spike stands for the impulse response h of a low-pass filter; one is placed wherever
 * subtracting h from the rest of the signal, normalised to [0, 1], brings it nearer to zero by more than the threshold:
 *   s[t] = 1 where  sum_k |x[t+k] - h[k]| <= sum_k |x[t+k]| - threshold,   then  x[t+k] -= h[k]
 * and decoding filters the spikes: y[t] = sum_k h[k] s[t-k]. All spikes are positive.
 */
export const bensSpiker = defineSignalEncoder({
  name: 'bsa',
  title: "Ben's spiker algorithm",
  summary: 'a spike where taking away a filter response leaves less of the signal',
  source: 'B. Schrauwen, J. Van Campenhout, IJCNN 2003',
  parameters: {
    threshold: {
      kind: 'number',
      summary: 'how much smaller the rest must become',
      default: 0.5,
      low: 0,
      high: 1e6,
      search: { low: 0.4, high: 1.1 },
    },
    filterOrder: {
      kind: 'number',
      summary: 'taps of the filter - 1',
      default: 10,
      low: 1,
      high: 1000,
      whole: true,
      search: { low: 35, high: 50 },
    },
    filterCutoff: {
      kind: 'number',
      summary: 'cut-off frequency, cycles per sample',
      default: 0.2,
      low: 1e-6,
      high: 0.5 - 1e-6,
      search: { low: 0.001, high: 0.25 },
    },
  },
  corrections: [
    'The first tap counts and the first sample may spike; the reference leaves both out of encoding.',
    'Decoding is the convolution from the first sample on; in the reference the first half filter length of samples is ' +
      'the minimum, and for an odd filter order everything is one sample late.',
  ],
  encode(signal, context, { threshold, filterOrder, filterCutoff }) {
    const taps = lowPassTaps(filterOrder, filterCutoff);
    const rest = toUnit(signal, context);
    const spikes = new Int8Array(rest.length);
    // The reference starts at sample 1 and lays tap 1 on it.
    const first = context.behaviour === 'reference' ? 1 : 0;
    const response = taps.subarray(first);
    for (let t = first; t < rest.length; t++) {
      const reach = Math.min(response.length, rest.length - t);
      let [left, before] = [0, 0];
      for (let k = 0; k < reach; k++) {
        const x = rest[t + k]!;
        left += Math.abs(x - response[k]!);
        before += Math.abs(x);
      }
      if (left > before - threshold) continue;
      spikes[t] = 1;
      for (let k = 0; k < reach; k++) rest[t + k]! -= response[k]!;
    }
    return spikes;
  },
  decode(spikes, time, context, { filterOrder, filterCutoff }) {
    const taps = lowPassTaps(filterOrder, filterCutoff);
    const isReference = context.behaviour === 'reference';
    const start = isReference ? Math.floor(taps.length / 2) : 0;
    // The centre of the reference's window depends on whether the number of taps is odd.
    const lead = isReference ? taps.length % 2 : 0;
    const unit = new Float64Array(time);
    for (let at = 0; at < time; at++) {
      if (spikes[at] === 0) continue;
      const shift = at - lead;
      for (let k = Math.max(0, start - shift); k < taps.length && shift + k < time; k++)
        unit[shift + k]! += taps[k]!;
    }
    return fromUnit(unit, context);
  },
  // For each tap of each sample two differences or sums of the one error and one of the other; the window is cut off at
  // the end. Normalising, the threshold and the comparison; the subtraction of the response at each spike.
  arithmetic(time, spikes, { filterOrder }) {
    const steps = time - 1;
    const cut = Math.min(steps, filterOrder - 1);
    const taps = steps * filterOrder - cut * (filterOrder - 1) + (cut * (cut - 1)) / 2;
    return { additions: 3 * taps + 3 * steps + spikes * filterOrder, multiplications: steps };
  },
});
