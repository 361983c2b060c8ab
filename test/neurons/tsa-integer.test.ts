// The TSA neuron of integer networks: windows counted by hand, and what exact mode promises for every potential.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kappa } from '../../src/encoders/kappa.ts';
import { neuronNamed } from '../../src/neurons/index.ts';
import type { TsaParameters } from '../../src/neurons/tsa.ts';
import { IntegerTsaPopulation, membraneSum } from '../../src/neurons/tsa-integer.ts';

const identity = neuronNamed('tsa-identity');
const relu = neuronNamed('tsa-relu');
const clip = neuronNamed('tsa-clip');

interface Window {
  readonly parameters: Partial<TsaParameters> & Pick<TsaParameters, 'T' | 'Ts'>;
  readonly scales: readonly number[];
  readonly bias?: number;
  /** One train of currents for each source. */
  readonly currents: readonly (readonly number[])[];
  readonly ahead?: readonly number[];
  readonly forecast?: readonly number[];
}

/** Runs one neuron over one window; 9 marks a step at which it wrote nothing. */
function run({ parameters, scales, bias, currents, ahead = scales.map(() => 0), forecast }: Window) {
  const population = new IntegerTsaPopulation(
    {
      ...{ neuron: identity, beta: 2, phi: 1 / 2, ...parameters },
      ...(forecast === undefined ? {} : { forecast }),
    },
    {
      scales: scales.map((scale) => Float64Array.of(scale)),
      ...(bias === undefined ? {} : { bias: Float64Array.of(bias) }),
      ahead,
    },
    1,
    1,
  );
  const spikes = Float64Array.of(9);
  const first = 1 - Math.max(...ahead);
  const train = Array.from({ length: parameters.T + parameters.Ts + 1 - first }, (_, i) => {
    const t = first + i;
    population.step(
      t,
      currents.map((z, k) => [z[t - 1 + ahead[k]!] ?? Number.NaN]),
      spikes,
    );
    return spikes[0]!;
  });
  const { decoded, residual } = population.atEnd();
  return { train, decoded: decoded[0]!, residual: residual[0]!, largest: population.largest };
}

/** The nearest whole number, the even one of two as near: away from 0 behind a half, or at a half of an odd number. */
function halfEven(x: number): number {
  const toward = Math.trunc(x);
  const rest = Math.abs(x - toward);
  const away = rest > 0.5 || (rest === 0.5 && toward % 2 !== 0);
  return toward + (away ? Math.sign(x) : 0) + 0;
}

describe('windows counted by hand', () => {
  it('one source with a scale and a bias: a tie stays at the even code', () => {
    // h = 3, 9, 15, 30, 60; u = 0.25 h - 0.25 share = 3.5, 7, 14 at the firing steps; A = 4, threshold 2.
    // t=3: o = 3.5, +1, g = 4; t=4: o = 7 - 8 = -1, 0; t=5: o = 14 - 16 = -2 is the threshold, and the last step: 0.
    const window = { parameters: { T: 3, Ts: 2 }, scales: [0.25], bias: -0.25, currents: [[3, 3, -3]] };
    expect(run(window)).toEqual({ train: [9, 9, 1, 0, 0], decoded: 4, residual: -0.5, largest: [60] });
  });

  it('takes a forecast off until the input is complete', () => {
    // T 2, Ts 0: A = 1, threshold 1/2. u = 0.75, 0.75; with half of the latest current off: 0.375 at t = 1, 0.75 at t = 2.
    const window = { parameters: { T: 2, Ts: 0 }, scales: [0.75], currents: [[1, -1]] };
    expect(run(window)).toMatchObject({ train: [1, -1], decoded: 1 });
    expect(run({ ...window, forecast: [1 / 2] })).toMatchObject({ train: [0, 1], decoded: 1 });
  });

  it('with a forecast writes a whole number once its input is complete, at a threshold of 1/2', () => {
    // T 2, Ts 1, A = 2; u = 1.25 at t = 2 = T, twice as much at t = 3. Tracking u: o = 1.25 fires, 2.5 - 4 = -1.5 fires.
    // Writing 1: o = 1 is half of A and fires, 2 - 4 = -2 fires. Above 1/2 the threshold holds for u only.
    const window = { parameters: { T: 2, Ts: 1 }, scales: [0.25], currents: [[2, 1]] };
    expect(run(window)).toMatchObject({ train: [9, 1, -1], decoded: 1, residual: 0.25 });
    const high = { ...window, parameters: { T: 2, Ts: 1, phi: 5 / 8 } };
    expect(run({ ...high, forecast: [1 / 8] })).toMatchObject({ train: [9, 1, -1], decoded: 1 });
  });

  it('reads a source that runs ahead at its own step, scaled back', () => {
    // h_1 = 1, 2, 5, 10 and from a step before the window h_2 = 0, 1, 3, 6, 12; A = 2, threshold 1.
    // t=2: e_1 = 2 - 0/4 - 1/8, e_2 = 3/2, o = 3.375, +1, g = 2; t=3: 5 + 6/2 - 4, +1, g = 6; t=4: 10 + 12/2 - 12, +1.
    const window = {
      parameters: { T: 3, Ts: 1 },
      scales: [1, 1],
      currents: [
        [1, 0, 1],
        [0, 1, 1],
      ],
      ahead: [0, 1],
      forecast: [1 / 4, 1 / 8],
    };
    expect(run(window)).toEqual({ train: [9, 9, 1, 1, 1], decoded: 7, residual: 1, largest: [10, 12] });
    // u = 0.75 (1 - 1/4) reaches the threshold of 1/2 at the first step, 0.75 (1 - 3/8) does not.
    const alone = { parameters: { T: 3, Ts: 0 }, scales: [0.75, 0.75], ahead: [0, 2] };
    const currents = [
      [1, 0, 0],
      [0, 0, 0],
    ];
    expect(run({ ...alone, currents, forecast: [1 / 4] }).train[2]).toBe(1);
    expect(run({ ...alone, currents, forecast: [3 / 8] }).train[2]).toBe(0);
  });

  it('fires at equality before the last step, in both directions', () => {
    // T 2, Ts 1: A = 2, threshold 1. h = 0, 1 | tail 2: t=2: o = 1 fires, g = 2; t=3: o = 2 - 4 = -2 fires.
    const up = run({ parameters: { T: 2, Ts: 1 }, scales: [1], currents: [[0, 1]] });
    expect(up).toMatchObject({ train: [9, 1, -1], decoded: 1, residual: 0 });
    const down = run({ parameters: { T: 2, Ts: 1 }, scales: [1], currents: [[0, -1]] });
    expect(down).toMatchObject({ train: [9, -1, 1], decoded: -1, residual: 0 });
  });

  it('takes phi of the amplitude for its threshold before the last step', () => {
    // T 2, Ts 1, phi 3/4: threshold 1.5, which 1 does not reach and 1.5 does; at the last step 1 in any case.
    const parameters = { T: 2, Ts: 1, phi: 3 / 4 };
    expect(run({ parameters, scales: [1], currents: [[0, 1]] }).train).toEqual([9, 0, 1]);
    expect(run({ parameters, scales: [1.5], currents: [[0, 1]] }).train).toEqual([9, 1, 0]);
  });

  it('does not fire at equality at the last step', () => {
    // T 1, Ts 0: threshold 1/2.
    const trains = [0.5, -0.5, 0.75, -0.75].map((scale) =>
      run({ parameters: { T: 1, Ts: 0 }, scales: [scale], currents: [[1]] }),
    );
    expect(trains.map(({ train }) => train)).toEqual([[0], [0], [1], [-1]]);
  });

  it('has a membrane for each source, and the largest of each from the first firing step on', () => {
    // T 3, Ts 1: h_1 = 100, 0, -5, -10 and h_2 = 1, 2, 7, 14; the 100 came before it fires.
    const window = {
      parameters: { T: 3, Ts: 1 },
      scales: [0.5, 0.25],
      currents: [
        [100, -200, -5],
        [1, 0, 3],
      ],
    };
    const { largest, residual, decoded } = run(window);
    expect(largest).toEqual([10, 14]);
    // u at T is -2.5 + 1.75 = -0.75
    expect(decoded + residual).toBe(-0.75);
  });

  it('lets a bias flow in step by step', () => {
    // T 3, Ts 0: share 1/7, 3/7, 1 of a bias of 7 is u = 1, 3, 7: +1 at each step.
    const window = { parameters: { T: 3, Ts: 0 }, scales: [1], bias: 7, currents: [[0, 0, 0]] };
    expect(run(window)).toMatchObject({ train: [1, 1, 1], decoded: 7, residual: 0 });
  });
});

describe('the sum of the membranes', () => {
  it('is taken in the order of the sources, the bias last', () => {
    const out = new Float64Array(1);
    const h = [2 ** 53, 1, -(2 ** 53)].map((value) => Float64Array.of(value));
    const scales = h.map(() => Float64Array.of(1));
    membraneSum(out, { scales, bias: Float64Array.of(3) }, h, 0.5);
    // 2^53 + 1 is 2^53 again: another order gives 2.5
    expect(out[0]).toBe(1.5);
  });
});

describe('exact mode, Ts = T - 1', () => {
  /** Currents whose sum over the window, weighted by 2^(T-t), is `value`; large ones early and late. */
  const trainOf = (value: number, T: number, noise: readonly number[]) => {
    const before = Array.from({ length: T - 1 }, (_, i) => noise[i] ?? 0);
    const carried = before.reduce((sum, z, i) => sum + z * 2 ** (T - 1 - i), 0);
    return [...before, value - carried];
  };
  const noisy = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 9 });
  const coding = { T: fc.integer({ min: 1, max: 10 }), phi: fc.double({ min: 0.5, max: 0.75, noNaN: true }) };

  it('emits every whole number, quarter and tie of T = 4 rounded half to even', () => {
    for (let quarters = -70; quarters <= 70; quarters++) {
      const u = quarters / 4;
      const window = { parameters: { T: 4, Ts: 3 }, scales: [0.25], currents: [trainOf(quarters, 4, [])] };
      const { decoded, residual } = run(window);
      expect(decoded, `u = ${u}`).toBe(Math.min(Math.max(halfEven(u), -15), 15));
      expect(decoded + residual).toBe(u);
    }
  });

  it('emits the rounded value of any potential, whatever came when', () => {
    fc.assert(
      fc.property(
        fc.record({ ...coding, value: fc.integer({ min: -5000, max: 5000 }), noise: noisy }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: -100, max: 100, noNaN: true }),
        ({ T, phi, value, noise }, scale, bias) => {
          const K = kappa(T, 2);
          const window = { scales: [scale], bias, currents: [trainOf(value, T, noise)] };
          const { decoded } = run({ parameters: { T, Ts: T - 1, phi }, ...window });
          expect(decoded).toBe(Math.min(Math.max(halfEven(scale * value + bias), -K), K));
        },
      ),
      { seed: 4, numRuns: 1000 },
    );
  });

  it('emits ties at the even number for two sources, ReLU and bounds alike', () => {
    fc.assert(
      fc.property(
        fc.record({ ...coding, first: fc.integer({ min: -400, max: 400 }), noise: noisy }),
        fc.integer({ min: -400, max: 400 }),
        fc.integer({ min: -30, max: 0 }),
        fc.integer({ min: 0, max: 30 }),
        ({ T, phi, first, noise }, second, low, high) => {
          const K = kappa(T, 2);
          const sum = 0.5 * first + second / 4;
          const currents = [trainOf(first, T, noise), trainOf(second, T, noise.toReversed())];
          const bounds = { low: Float64Array.of(low), high: Float64Array.of(high) };
          for (const [neuron, f] of [
            [identity, sum],
            [relu, Math.max(sum, 0)],
            [clip, Math.min(Math.max(sum, low), high)],
          ] as const) {
            const parameters = { neuron, T, Ts: T - 1, phi, parameters: bounds };
            const { decoded } = run({ parameters, scales: [0.5, 0.25], currents });
            expect(decoded, neuron.name).toBe(Math.min(Math.max(halfEven(f), -K), K));
          }
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});
