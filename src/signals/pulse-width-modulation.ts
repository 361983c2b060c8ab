import { fromUnit, toUnit } from './normalise.ts';
import { type Behaviour, defineSignalEncoder } from './signal-encoder.ts';

/** Samples in which a carrier of frequency 1 rises once, in the reference and so here. */
const SAMPLES = 1000;

/**
 * Pulse-width modulation. The signal, normalised to [0, 1], is compared with a sawtooth c[t] that rises `frequency` times
 * in 1000 samples:
 *   state[t] = -1 where x[t] > 1 - c[t], else +1 where x[t] < c[t], else 0
 * and a state that is newly +1 or -1 is a spike: where signal and ramp cross, the one has the value of the other. Decoding
 * joins these crossings (c[t] at +1, 1 - c[t] at -1) and the first sample by straight lines.
 */
export const pulseWidthModulation = defineSignalEncoder({
  name: 'pwm',
  title: 'pulse-width modulation',
  summary: 'a spike where the signal crosses a sawtooth, or its mirror image',
  source: 'A. Arriandiaga et al., IEEE TNNLS 31(10), 2020',
  parameters: {
    frequency: {
      kind: 'number',
      summary: 'rises of the carrier in 1000 samples',
      default: 1,
      low: 1e-3,
      high: SAMPLES - 1,
      search: { low: 1, high: 750 },
    },
    downSpikes: { kind: 'flag', summary: 'whether the mirrored carrier is compared too', default: true },
  },
  corrections: [
    'The carrier keeps its phase; in the reference it starts again at 0 after each rise, so that its period is a whole ' +
      'number of samples and other frequencies than asked for result.',
    'After the last spike the value is held; in the reference the last sample is taken for a crossing with 1 - c, ' +
      'which draws a line to a value that the signal did not have.',
  ],
  encode(signal, context, { frequency, downSpikes }) {
    const unit = toUnit(signal, context);
    const carrier = sawtooth(frequency, unit.length, context.behaviour);
    const spikes = new Int8Array(unit.length);
    let last = 0;
    for (let t = 1; t < unit.length; t++) {
      const x = unit[t]!;
      const c = carrier[t]!;
      const state = downSpikes && x > 1 - c ? -1 : x < c ? 1 : 0;
      if (state !== last) spikes[t] = state;
      last = state;
    }
    return spikes;
  },
  decode(spikes, time, context, { frequency }) {
    const carrier = sawtooth(frequency, time, context.behaviour);
    const unit = new Float64Array(time);
    unit[0] = toUnit(Float64Array.of(context.first), context)[0]!;
    let from = 0;
    for (let t = 1; t < time; t++) {
      const s = spikes[t]!;
      const isEnd = t === time - 1 && context.behaviour === 'reference';
      if (s === 0 && !isEnd) continue;
      rampTo(unit, from, t, s === 1 ? carrier[t]! : 1 - carrier[t]!);
      from = t;
    }
    return fromUnit(unit.fill(unit[from]!, from), context);
  },
  // Normalising, the carrier's rise and fall, its mirror image, two comparisons; normalising and the carrier.
  arithmetic: (time) => ({ additions: 5 * (time - 1), multiplications: 2 * (time - 1) }),
});

/** The carrier at each sample, 0 at the samples 0 and 1. */
function sawtooth(frequency: number, time: number, behaviour: Behaviour): Float64Array {
  const carrier = new Float64Array(time);
  if (behaviour === 'corrected')
    return carrier.map((_, t) => (t === 0 ? 0 : ((frequency * (t - 1)) / SAMPLES) % 1));
  // A ramp over [0, 1] in 1000 points, both ends included, read from its start again whenever the rest falls.
  const at = (k: number) => (frequency * (k * (1 / (SAMPLES - 1)))) % 1;
  let k = 0;
  for (let t = 1; t < time; t++) {
    carrier[t] = at(k);
    k++;
    if (k === SAMPLES || at(k) < at(k - 1)) k = 0;
  }
  return carrier;
}

/** Draws a straight line from the value at `from` to `value` at `to`. */
function rampTo(unit: Float64Array, from: number, to: number, value: number): void {
  const start = unit[from]!;
  for (let t = from + 1; t <= to; t++) unit[t] = start + ((value - start) * (t - from)) / (to - from);
}
