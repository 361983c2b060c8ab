// The TSA neuron against what its equations promise, written out in float64 here.
import { describe, expect, it } from 'vitest';
import { kappa } from '../../src/encoders/kappa.ts';
import { neuronNamed } from '../../src/neurons/index.ts';
import { prefixAt, type TsaParameters, TsaPopulation, thresholdAt } from '../../src/neurons/tsa.ts';
import { uniform } from '../snn/tiny.ts';

const relu = neuronNamed('tsa-relu');
const identity = neuronNamed('tsa-identity');
const POPULATION = 500;

interface Run {
  /** The value that arrived: sum of beta^(T-t) z[t], in units of theta. */
  readonly value: number[];
  /** The value that the spikes carry. */
  readonly emitted: number[];
  readonly decoded: Float32Array;
  readonly residual: Float32Array;
  readonly spikes: Float32Array[];
}

/** Runs a window on ternary inputs with random weights, scaled so that values stay within the code. */
function run(parameters: TsaParameters, seed: number, scale = 1): Run {
  const { T, Ts, beta } = parameters;
  const next = uniform(seed);
  const population = new TsaPopulation(parameters, POPULATION, POPULATION);
  const value = new Array<number>(POPULATION).fill(0);
  const emitted = new Array<number>(POPULATION).fill(0);
  const all: Float32Array[] = [];
  for (let t = 1; t <= T + Ts; t++) {
    const z = Float32Array.from({ length: POPULATION }, () => scale * (2 * next() - 1));
    const spikes = new Float32Array(POPULATION).fill(9);
    population.step(t, z, spikes);
    if (t <= T) for (let i = 0; i < POPULATION; i++) value[i] = beta * value[i]! + z[i]!;
    if (t > Ts) for (let i = 0; i < POPULATION; i++) emitted[i] = beta * emitted[i]! + spikes[i]!;
    all.push(spikes);
  }
  return { value, emitted, ...population.atEnd(), spikes: all };
}

describe.each([
  { T: 12, beta: 1.5 },
  { T: 8, beta: 2 },
])('exact mode, Ts = T - 1 (T $T, beta $beta)', ({ T, beta }) => {
  it.each([
    [relu, (v: number) => Math.max(v, 0)],
    [identity, (v: number) => v],
  ] as const)('emits $name of the accumulated input within half an amplitude', (neuron, f) => {
    for (const phi of [1 / 2, 2 / 3]) {
      const { value, emitted, decoded, residual } = run({ neuron, T, Ts: T - 1, beta, phi }, 7);
      const K = kappa(T, beta);
      for (let i = 0; i < POPULATION; i++) {
        const target = f(value[i]!);
        expect(Math.abs(target)).toBeLessThan(K);
        // beta = 2 can always repair a late start; beta = 1.5 with a raised threshold may not
        if (phi === 1 / 2 || beta === 2)
          expect(Math.abs(emitted[i]! - target)).toBeLessThanOrEqual(0.5 + 1e-3);
        expect(decoded[i]).toBeCloseTo(emitted[i]!, 3);
        expect(residual[i]).toBeCloseTo(target - emitted[i]!, 2);
      }
    }
  });
});

describe('dynamics', () => {
  const parameters: TsaParameters = { neuron: relu, T: 8, Ts: 2, beta: 2, phi: 2 / 3 };

  it('are silent for Ts steps, then ternary', () => {
    const { spikes } = run(parameters, 3);
    spikes.forEach((step, index) => {
      const allowed = index < parameters.Ts ? [9] : [-1, 0, 1];
      expect([...new Set(step)].every((s) => allowed.includes(s))).toBe(true);
    });
    expect(spikes.at(-1)).toContain(-1);
  });

  it('do not read the input in the tail', () => {
    const small: TsaParameters = { ...parameters, T: 2, Ts: 1 };
    const outputs = [0, Number.NaN].map((tail) => {
      const population = new TsaPopulation(small, 1, 1);
      const spikes = new Float32Array(1);
      for (const [i, z] of [1, 1, tail].entries()) population.step(i + 1, Float32Array.of(z), spikes);
      return population.atEnd();
    });
    expect(outputs[1]).toEqual(outputs[0]);
    // 2 * 1 + 1 = 3 = 2 + 1: both steps spike
    expect(outputs[0]).toEqual({ decoded: Float32Array.of(3), residual: Float32Array.of(0) });
  });

  it('follow a hand-worked window', () => {
    // T 3, Ts 1, beta 2, phi 1/2: z = 1, -1, 0.5 -> h = 1, 1, 2.5, 5 and a = 2.5, theta beta^Ts = 2, threshold 1.
    // t=2: o = 1 - 0 fires, g = 2; t=3: o = 2.5 - 4 = -1.5 fires -1, g = 2; t=4: o = 5 - 4 = 1 fires, g = 6.
    const population = new TsaPopulation({ neuron: relu, T: 3, Ts: 1, beta: 2, phi: 0.5 }, 1, 1);
    const spikes = new Float32Array(1);
    const train = [1, -1, 0.5, 0].map((z, i) => {
      population.step(i + 1, Float32Array.of(z), spikes);
      return spikes[0];
    });
    expect(train).toEqual([0, 1, -1, 1]);
    expect(population.atEnd()).toEqual({ decoded: Float32Array.of(3), residual: Float32Array.of(-0.5) });
  });

  it('clamp negative values to nothing, or pass them on', () => {
    for (const [neuron, expected] of [
      [relu, 0],
      [identity, -5],
    ] as const) {
      const population = new TsaPopulation({ neuron, T: 3, Ts: 2, beta: 2, phi: 0.5 }, 1, 1);
      const spikes = new Float32Array(1);
      for (const [i, z] of [-1, 0, -1, 0, 0].entries()) population.step(i + 1, Float32Array.of(z), spikes);
      expect(population.atEnd().decoded[0]).toBe(expected);
    }
  });

  it('scale and shift a pooled potential per step', () => {
    // max over pairs, then -2 h + 1 per step: h = 3 (T 2: 1, 1), prefix 3 -> f(-6 + 3) = 0 and f(-2 * -3 + 3) = 9
    const population = new TsaPopulation(
      {
        ...parameters,
        T: 2,
        Ts: 1,
        pool: (h) => Float32Array.of(Math.max(h[0]!, h[1]!), Math.max(h[2]!, h[3]!)),
        affine: { scale: Float32Array.of(-2, -2), shift: Float32Array.of(1, 1) },
      },
      4,
      2,
    );
    const spikes = new Float32Array(2);
    for (let t = 1; t <= 3; t++) population.step(t, Float32Array.of(1, -1, -1, -2), spikes);
    const { decoded, residual } = population.atEnd();
    // the code of T 2 holds at most 3
    expect([...decoded]).toEqual([0, 3]);
    expect([...residual]).toEqual([0, 6]);
  });
});

describe('functions that neurons track', () => {
  const h = Float32Array.of(-3, -0.1, 0, 0.1, 7);

  it.each([relu, identity])('$name is homogeneous', (neuron) => {
    const [once, scaled] = [new Float32Array(5), new Float32Array(5)];
    neuron.track(once, h, {}, 1);
    neuron.track(
      scaled,
      h.map((v) => v * 8),
      {},
      8,
    );
    expect(scaled).toEqual(once.map((v) => v * 8));
  });

  it('may work in place', () => {
    const inPlace = h.slice();
    relu.track(inPlace, inPlace, {}, 1);
    expect(inPlace).toEqual(Float32Array.of(0, 0, 0, 0.1, 7));
  });
});

describe('thresholds and prefixes', () => {
  it('are phi beta^Ts, and half of beta^Ts at the last step', () => {
    const parameters = { T: 3, Ts: 2, beta: 2, phi: 0.75 };
    expect([1, 2, 3, 4, 5].map((t) => thresholdAt(t, parameters))).toEqual([3, 3, 3, 3, 2]);
  });

  it('add up what 1 per input step has become', () => {
    // T 3, beta 2: 1, 3, 7, then doubled without input
    expect([1, 2, 3, 4, 5].map((t) => prefixAt(t, 3, 2))).toEqual([1, 3, 7, 14, 28]);
    expect(prefixAt(12, 12, 1.5)).toBeCloseTo(kappa(12, 1.5), 3);
  });
});
