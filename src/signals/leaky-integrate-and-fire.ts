import { fromUnit, toUnit } from './normalise.ts';
import { defineSignalEncoder } from './signal-encoder.ts';

/**
 * Leaky integrate-and-fire encoding. The signal, normalised to [-1, 1], charges a membrane:
 *   v += x[t];   s[t] = +1 where v > threshold, -1 where v < -threshold, else 0;   v = 0 after a spike;   v *= leak
 * and decoding lets the spikes leak away: y[t] = leak y[t-1] + threshold s[t].
 */
export const leakyIntegrateAndFire = defineSignalEncoder({
  name: 'lif',
  title: 'leaky integrate-and-fire',
  summary: 'the signal charges a leaky membrane, which spikes at its threshold',
  source: 'S. Y. A. Yarga, J. Rouat, S. Wood, ICONS 2022',
  parameters: {
    threshold: {
      kind: 'number',
      summary: 'membrane potential that spikes; the signal spans -1 to 1',
      default: 0.5,
      low: 0,
      high: 1e6,
      search: { low: 0.1, high: 0.6 },
    },
    leak: {
      kind: 'number',
      summary: 'what is left of the membrane potential after a step (membrane_constant)',
      default: 0.9,
      low: 0,
      high: 1,
      search: { low: 0.1, high: 0.5 },
    },
    downSpikes: { kind: 'flag', summary: 'whether the negative threshold spikes too', default: true },
  },
  corrections: [
    'The membrane starts at 0. In the reference the first charge is also taken for the resting level, so that the ' +
      'first sample cannot spike and until the first spike the potential is compared with that level.',
  ],
  encode(signal, context, { threshold, leak, downSpikes }) {
    const unit = toUnit(signal, context);
    const spikes = new Int8Array(unit.length);
    let potential = 0;
    let rest = unit.length > 1 && context.behaviour === 'reference' ? 2 * unit[1]! - 1 : 0;
    for (let t = 1; t < unit.length; t++) {
      potential += 2 * unit[t]! - 1;
      if (potential - rest > threshold) spikes[t] = 1;
      else if (downSpikes && potential - rest < -threshold) spikes[t] = -1;
      if (spikes[t] !== 0) potential = rest = 0;
      potential *= leak;
    }
    return spikes;
  },
  decode(spikes, time, context, { threshold, leak }) {
    const unit = new Float64Array(time);
    let y = 0;
    for (let t = 0; t < time; t++) {
      y = leak * y + threshold * spikes[t]!;
      unit[t] = (y + 1) / 2;
    }
    return fromUnit(unit, context);
  },
  // Normalising, charging, the difference to the resting level, two comparisons; normalising and the leak.
  arithmetic: (time) => ({ additions: 5 * (time - 1), multiplications: 2 * (time - 1) }),
});
