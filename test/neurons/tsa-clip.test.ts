// The clipping neuron: bounds at the scale of the potential, and what a window's spikes carry under them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kappa } from '../../src/encoders/kappa.ts';
import { neuronNamed } from '../../src/neurons/index.ts';
import { TsaPopulation } from '../../src/neurons/tsa.ts';

const clip = neuronNamed('tsa-clip');

/** The value that one neuron's spikes carry after a window of `currents`, with T steps of beta 2 and Ts = T - 1. */
function decodedOf(currents: readonly number[], bounds: { low?: number; high?: number }): number {
  const T = currents.length;
  const population = new TsaPopulation(
    {
      neuron: clip,
      T,
      Ts: T - 1,
      beta: 2,
      phi: 1 / 2,
      parameters: {
        ...(bounds.low === undefined ? {} : { low: Float32Array.of(bounds.low) }),
        ...(bounds.high === undefined ? {} : { high: Float32Array.of(bounds.high) }),
      },
    },
    1,
    1,
  );
  const spikes = new Float32Array(1);
  for (let t = 1; t < 2 * T; t++) population.step(t, Float32Array.of(currents[t - 1] ?? 0), spikes);
  return population.atEnd().decoded[0]!;
}

describe('f', () => {
  const h = Float32Array.of(-9, -2, 0, 3, 9);
  const five = (value: number) => new Float32Array(5).fill(value);

  it.each([
    ['both bounds', { low: five(-2), high: five(4) }, 1, [-2, -2, 0, 3, 4]],
    ['bounds at half the scale', { low: five(-2), high: five(4) }, 1 / 2, [-1, -1, 0, 2, 2]],
    ['bounds at four times the scale', { low: five(-2), high: five(1) }, 4, [-8, -2, 0, 3, 4]],
    ['no upper bound', { low: five(0) }, 1, [0, 0, 0, 3, 9]],
    ['no lower bound', { high: five(1) }, 1, [-9, -2, 0, 1, 1]],
    ['no bounds', {}, 1, [-9, -2, 0, 3, 9]],
  ] as const)('%s', (_, bounds, scale, expected) => {
    const out = new Float32Array(5);
    clip.track(out, h, bounds, scale);
    expect([...out]).toEqual(expected);
    const inPlace = h.slice();
    clip.track(inPlace, inPlace, bounds, scale);
    expect(inPlace).toEqual(out);
  });

  it('has bounds of each neuron its own, in float64 too', () => {
    const out = new Float64Array(3);
    clip.track(
      out,
      Float64Array.of(5, 5, -5),
      { low: Float64Array.of(0, 0, -0.1), high: Float64Array.of(1, 2.1, 9) },
      2,
    );
    expect([...out]).toEqual([2, 4.2, -0.2]);
  });
});

describe('a window', () => {
  it('holds the bound when all of the input comes early', () => {
    // h = 8 * 2^7 = 1024 at the end, and above 127 from the first firing step on
    expect(decodedOf([8, 0, 0, 0, 0, 0, 0, 0], { low: 0, high: 127 })).toBe(127);
    expect(decodedOf([-8, 0, 0, 0, 0, 0, 0, 0], { low: -128, high: 127 })).toBe(-128);
  });

  it('carries the clipped value to half an amplitude', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: -40, max: 0 }),
        fc.integer({ min: 0, max: 40 }),
        (whole, low, high) => {
          const currents = whole.map((value) => value / 64);
          const T = currents.length;
          const value = currents.reduce((sum, z) => 2 * sum + z, 0);
          const K = kappa(T, 2);
          const clipped = Math.min(Math.max(value, low, -K), high, K);
          expect(Math.abs(decodedOf(currents, { low, high }) - clipped)).toBeLessThanOrEqual(1 / 2);
        },
      ),
      { seed: 3, numRuns: 500 },
    );
  });
});
