// What holds for every encoder and every signal.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSignal, encodeSignal, layoutOf } from '../../src/signals/encoding.ts';
import { signalEncoders } from '../../src/signals/index.ts';
import { measureEncoding } from '../../src/signals/measure.ts';
import type { Behaviour, SignalEncoder } from '../../src/signals/signal-encoder.ts';
import { spikeTensor } from '../../src/signals/spike-file.ts';
import { codedBy, encodeBy, signalFrom } from './signals.ts';

const list: readonly SignalEncoder[] = signalEncoders;
const behaviours: readonly Behaviour[] = ['reference', 'corrected'];
const cases = list.flatMap((encoder) =>
  behaviours.map((behaviour) => ({ name: encoder.name, encoder, behaviour })),
);

const sample = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ min: -1e300, max: 1e300, noNaN: true }),
);
const anySignal = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3 }))
  .chain(([time, features]) =>
    fc.array(fc.array(sample, { minLength: time, maxLength: time }), {
      minLength: features,
      maxLength: features,
    }),
  )
  .map((features) => signalFrom(...features));

describe.each(cases)('$name, $behaviour rules', ({ encoder, behaviour }) => {
  it('keeps shapes and the alphabet of spikes, and decodes to finite numbers', () => {
    fc.assert(
      fc.property(anySignal, (signal) => {
        const encoding = encodeSignal(encoder, signal, { behaviour });
        const { channels, steps } = layoutOf(encoding);
        expect(encoding.spikes).toHaveLength(signal.features.length);
        for (const train of encoding.spikes) {
          expect(train).toHaveLength(channels * steps * signal.time);
          expect(train.every((s) => s === 0 || s === 1 || s === -1)).toBe(true);
        }
        const { data } = spikeTensor(encoding);
        expect(data).toHaveLength(signal.features.length * channels * steps * signal.time);
        const decoded = decodeSignal(encoding);
        for (const [f, { name, values }] of decoded.features.entries()) {
          expect(name).toBe(`x${f}`);
          expect(values).toHaveLength(signal.time);
          expect(values.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('carries a constant signal without a number that is none', () => {
    const { metrics, reconstruction } = measureEncoding(
      signalFrom(new Array<number>(20).fill(3)),
      encodeSignal(encoder, signalFrom(new Array<number>(20).fill(3)), { behaviour }),
    );
    expect(reconstruction.features[0]!.values.every((value) => value === 3)).toBe(true);
    expect(metrics).toMatchObject({ mse: 0, relativeMse: null });
  });

  it('gives the same spikes every time, and each feature its own', () => {
    const features = [
      Array.from({ length: 40 }, (_, t) => Math.sin(t / 5)),
      Array.from({ length: 40 }, (_, t) => t),
    ];
    const [both, again] = [0, 1].map(
      () => encodeSignal(encoder, signalFrom(...features), { behaviour }).spikes,
    );
    expect(both).toEqual(again);
    expect(encodeSignal(encoder, signalFrom(features[0]!), { behaviour }).spikes[0]).toEqual(both![0]);
  });

  it('does not depend on the unit of the signal, where it normalises', () => {
    if (encoder.name === 'sf') return;
    const x = Array.from({ length: 50 }, (_, t) => Math.round(64 * Math.sin(t / 7)) / 64);
    const scaled = x.map((value) => 8 * value);
    const spikes = (values: readonly number[]) =>
      encodeSignal(encoder, signalFrom(values), { behaviour }).spikes;
    expect(spikes(scaled)).toEqual(spikes(x));
  });
});

it('what cannot be encoded is refused', () => {
  const huge = signalFrom([-1.7e308, 1.7e308]);
  expect(() => encodeBy('lif', huge)).toThrow('feature x0: expected a range that float64 holds');
  const long = { steps: 100_000, bins: 1000 };
  expect(() => encodeBy('bin', signalFrom(new Array<number>(20).fill(0)), long)).toThrow(
    'expected at most 1073741824',
  );
});

describe('step-forward', () => {
  it('stays within one threshold of a signal that moves no faster', () => {
    const thresholdAndMoves = fc.tuple(
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 80 }),
    );
    fc.assert(
      fc.property(thresholdAndMoves, ([threshold, moves]) => {
        let x = 0;
        const signal = [0, ...moves.map((move) => (x += move * threshold))];
        const { decoded } = codedBy('sf', signal, { threshold });
        decoded.forEach((value, t) => {
          expect(Math.abs(value - signal[t]!)).toBeLessThanOrEqual(threshold * (1 + 1e-9));
        });
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it.each([1, 2, 3, 4, 5])(
    'loses more with every doubling of the threshold, on a slow signal (%i)',
    (seed) => {
      const signal = signalFrom(
        Array.from({ length: 2000 }, (_, t) => Math.sin(t / (60 + 7 * seed)) + 0.5 * Math.sin(t / 31 + seed)),
      );
      const errors = [0.04, 0.08, 0.16, 0.32, 0.64].map(
        (threshold) => measureEncoding(signal, encodeBy('sf', signal, { threshold })).metrics.mse,
      );
      expect(errors).toEqual([...errors].sort((a, b) => a - b));
      errors.forEach((mse, i) => {
        expect(mse).toBeLessThanOrEqual((0.04 * 2 ** i) ** 2);
      });
    },
  );
});

describe('the mean of many windows is the value', () => {
  it.each([0.1, 0.35, 0.8])('poisson rates, %f', (p) => {
    const given = { steps: 4000, split: false, conversion: 'poisson' };
    const { decoded } = codedBy('rate', [p], given, { range: { low: 0, high: 1 } });
    // Four standard deviations.
    expect(Math.abs(decoded[0]! - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 4000));
  });

  it('bins, away from the ends', () => {
    const { decoded } = codedBy('bin', [0.3, 0.5, 0.62], { steps: 4000 }, { range: { low: 0, high: 1 } });
    [0.3, 0.5, 0.62].forEach((p, i) => {
      expect(decoded[i]).toBeCloseTo(p, 2);
    });
  });
});
