import { describe, expect, it } from 'vitest';
import { compareSignalEncoders } from '../../src/signals/compare.ts';
import { encodeSignal } from '../../src/signals/encoding.ts';
import { signalEncoderNamed } from '../../src/signals/index.ts';
import { measureEncoding } from '../../src/signals/measure.ts';
import { optimiseSignalEncoder } from '../../src/signals/optimise.ts';
import { defaultsOf } from '../../src/signals/parameter.ts';
import { syntheticVibration } from '../../src/signals/synthetic-vibration.ts';
import { signalFrom } from './signals.ts';

const signal = syntheticVibration({ time: 1500 });
const mseOf = (name: string, values: Parameters<typeof encodeSignal>[2]) =>
  measureEncoding(signal, encodeSignal(signalEncoderNamed(name), signal, values)).metrics.mse;

describe('optimising', () => {
  it.each(['lif', 'sf', 'pwm', 'bsa'])(
    '%s is never worse than what it starts from, and repeatable',
    (name) => {
      const encoder = signalEncoderNamed(name);
      const values = optimiseSignalEncoder(encoder, signal);
      expect(optimiseSignalEncoder(encoder, signal)).toEqual(values);
      expect(mseOf(name, { values })).toBeLessThan(mseOf(name, {}));
      const once = optimiseSignalEncoder(encoder, signal, { trials: 1 });
      expect(once).toEqual([defaultsOf(encoder.parameters)]);
    },
  );

  it('finds what a fine grid finds', () => {
    const grid = Array.from({ length: 500 }, (_, i) =>
      mseOf('sf', { values: { threshold: 0.002 * (i + 1) } }),
    );
    const values = optimiseSignalEncoder(signalEncoderNamed('sf'), signal);
    expect(mseOf('sf', { values })).toBeLessThan(1.02 * Math.min(...grid));
  });

  it('tries as often as it says, for each feature', () => {
    const two = signalFrom(
      signal.features[0]!.values,
      signal.features[0]!.values.map((x) => 10 * x),
    );
    const reports: [number, number][] = [];
    const values = optimiseSignalEncoder(signalEncoderNamed('sf'), two, {
      trials: 23,
      progress: (done, total) => reports.push([done, total]),
    });
    expect(reports).toEqual(Array.from({ length: 46 }, (_, i) => [i + 1, 46]));
    // Thresholds are searched in the range of the feature.
    expect(values[1]!.threshold).toBeCloseTo(10 * (values[0]!.threshold as number), 9);
  });

  it('leaves alone what is fixed, and refuses where nothing is left', () => {
    const encoder = signalEncoderNamed('lif');
    const values = { leak: 0.3 };
    const [found] = optimiseSignalEncoder(encoder, signal, { values, fixed: ['leak'], trials: 20 });
    expect(found!.leak).toBe(0.3);
    expect(found!.threshold).not.toBe(0.5);
    expect(() => optimiseSignalEncoder(encoder, signal, { fixed: ['leak', 'threshold'] })).toThrow(
      'found none that',
    );
  });

  it('searches what changes something', () => {
    const encoder = signalEncoderNamed('rate');
    expect(() => optimiseSignalEncoder(encoder, signal)).toThrow('found none that');
    const values = { code: 'step' };
    const [found] = optimiseSignalEncoder(encoder, signal, { values, trials: 20 });
    expect(found!.stepThreshold).not.toBe(1);
    expect(mseOf('rate', { values: found! })).toBeLessThan(mseOf('rate', { values }));
  });

  it('leaves a constant feature as it is', () => {
    const encoder = signalEncoderNamed('sf');
    expect(optimiseSignalEncoder(encoder, signalFrom([1, 1, 1]))).toEqual([defaultsOf(encoder.parameters)]);
  });
});

describe('on vibration, the order of the talk', () => {
  const four = ['sf', 'lif', 'bsa', 'pwm'];
  it.each([1, 2, 3])('error: sf, lif, bsa, pwm from least to most (seed %i)', (seed) => {
    const rows = compareSignalEncoders(syntheticVibration({ seed }), {
      encoders: four.map(signalEncoderNamed),
    });
    const metrics = rows.map(({ optimised }) => optimised!.metrics);
    const errors = metrics.map(({ mse }) => mse);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
    const [sf, lif, bsa, pwm] = metrics;
    // Fewest spikes pwm, most bsa or lif; least energy sf, most bsa.
    expect(pwm!.spikes).toBeLessThan(sf!.spikes);
    expect(sf!.spikes).toBeLessThan(Math.min(lif!.spikes, bsa!.spikes));
    expect(Math.min(lif!.energyNj, pwm!.energyNj)).toBeGreaterThan(sf!.energyNj);
    expect(Math.max(lif!.energyNj, pwm!.energyNj)).toBeLessThan(bsa!.energyNj);
  });
});
