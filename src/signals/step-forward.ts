import { defineSignalEncoder } from './signal-encoder.ts';

/**
 * Step-forward encoding. A base follows the signal in steps of the threshold:
 *   base[0] = x[0];   s[t] = +1 where x[t] > base[t-1] + threshold, -1 where x[t] < base[t-1] - threshold, else 0;
 *   base[t] = base[t-1] + threshold s[t]
 * and decoding adds the steps up: from the first sample, as the reference does when it optimises, or from 0, as it does
 * where it is called without an initial value. Values are not normalised: the threshold has the unit of the signal.
 */
export const stepForward = defineSignalEncoder({
  name: 'sf',
  title: 'step-forward',
  summary: 'a spike for each step of one threshold that the signal moves',
  source: 'N. Kasabov et al., Neural Networks 78, 2016',
  parameters: {
    threshold: {
      kind: 'number',
      summary: 'step, in the unit of the signal',
      default: 0.5,
      low: 1e-300,
      high: 1e300,
      search: { low: 0.001, high: 0.5, ofRange: true },
    },
    downSpikes: { kind: 'flag', summary: 'whether downward steps spike too', default: true },
    start: {
      kind: 'choice',
      summary: 'where decoding starts (initial_value): at the first sample or at 0',
      default: 'first',
      choices: ['first', 'zero'],
    },
  },
  corrections: [],
  encode(signal, _, { threshold, downSpikes }) {
    const spikes = new Int8Array(signal.length);
    let base = signal[0]!;
    for (let t = 1; t < signal.length; t++) {
      const x = signal[t]!;
      if (x > base + threshold) {
        spikes[t] = 1;
        base += threshold;
      } else if (downSpikes && x < base - threshold) {
        spikes[t] = -1;
        base -= threshold;
      }
    }
    return spikes;
  },
  decode(spikes, time, { first }, { threshold, start }) {
    const out = new Float64Array(time);
    let base = start === 'first' ? first : 0;
    for (let t = 0; t < time; t++) {
      base += threshold * spikes[t]!;
      out[t] = base;
    }
    return out;
  },
  // Two thresholds beside the base, two comparisons.
  arithmetic: (time) => ({ additions: 4 * (time - 1), multiplications: 0 }),
});
