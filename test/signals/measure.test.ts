import { describe, expect, it } from 'vitest';
import { measureEncoding } from '../../src/signals/measure.ts';
import { encodeBy, signalFrom } from './signals.ts';

describe('measures', () => {
  it('of a step-forward encoding, counted by hand', () => {
    // Base 0; up at 1 (base 1), up at 2 (base 2), nothing, down at 4 (base 1): decoded 0 1 2 2 1.
    const signal = signalFrom([0, 2, 4, 2, 0]);
    const { metrics, reconstruction } = measureEncoding(signal, encodeBy('sf', signal, { threshold: 1 }));
    expect([...reconstruction.features[0]!.values]).toEqual([0, 1, 2, 2, 1]);
    // Errors 0 1 4 0 1; variance of the signal around 1.6: (2.56 + 0.16 + 5.76 + 0.16 + 2.56) / 5 = 2.24.
    expect(metrics.mse).toBeCloseTo(6 / 5, 12);
    expect(metrics.relativeMse).toBeCloseTo(6 / 5 / 2.24, 12);
    expect(metrics.spikes).toBe(3);
    expect(metrics.spikesPerSample).toBeCloseTo(3 / 5, 12);
    expect(metrics.sparsity).toBeCloseTo(2 / 5, 12);
    // Four steps of two sums and two comparisons at 0.9 pJ.
    expect(metrics.arithmetic).toEqual({ additions: 16, multiplications: 0 });
    expect(metrics.energyNj).toBeCloseTo(16 * 0.9e-3, 12);
  });

  it('price a multiplication at 3.7 pJ and an addition at 0.9 pJ', () => {
    const signal = signalFrom([0, 1, 0]);
    const { arithmetic, energyNj } = measureEncoding(signal, encodeBy('lif', signal)).metrics;
    expect(arithmetic).toEqual({ additions: 10, multiplications: 4 });
    expect(energyNj).toBeCloseTo((10 * 0.9 + 4 * 3.7) * 1e-3, 12);
  });

  it("count the taps of Ben's spiker algorithm, cut off at the end", () => {
    // Samples 1..4 of 5 see min(3, 5 - t) = 3, 3, 2, 1 taps of an order of 3.
    const signal = signalFrom([0, 0, 0, 0, 1]);
    const { arithmetic, spikes } = measureEncoding(
      signal,
      encodeBy('bsa', signal, { filterOrder: 3, threshold: 9 }),
    ).metrics;
    expect(spikes).toBe(0);
    expect(arithmetic).toEqual({ additions: 3 * 9 + 3 * 4, multiplications: 4 });
  });

  it('average over features, without those that are constant', () => {
    const signal = signalFrom([0, 2, 4, 2, 0], [7, 7, 7, 7, 7]);
    const { metrics, mseOfFeatures } = measureEncoding(signal, encodeBy('sf', signal, { threshold: 1 }));
    expect(mseOfFeatures).toEqual([6 / 5, 0]);
    expect(metrics.mse).toBeCloseTo(3 / 5, 12);
    expect(metrics.relativeMse).toBeCloseTo(6 / 5 / 2.24, 12);
    expect(metrics.spikesPerSample).toBeCloseTo(3 / 10, 12);
  });

  it('take channels and steps for positions', () => {
    const signal = signalFrom([0, 1]);
    const { metrics } = measureEncoding(signal, encodeBy('rate', signal));
    // Full rates of 10 steps: the inhibitory channel at 0, the excitatory one at 1.
    expect(metrics.spikes).toBe(20);
    expect(metrics.sparsity).toBeCloseTo(0.5, 12);
  });
});
