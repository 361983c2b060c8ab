// The functions that neurons track besides ReLU, Clip and identity: what a window carries, what the flags say, and that
// the ONNX form is the same function.
import { describe, expect, it } from 'vitest';
import { kappa } from '../../src/encoders/kappa.ts';
import { neuronNamed, neurons } from '../../src/neurons/index.ts';
import { atScale, type NeuronParameters, type ParameterName } from '../../src/neurons/neuron.ts';
import { TsaPopulation } from '../../src/neurons/tsa.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import { opNamed } from '../../src/ops/index.ts';
import { openSession } from '../../src/runtime/session.ts';
import { GraphBuilder } from '../../src/snn/onnx/builder.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';

type Values = Readonly<Record<string, number>>;

/** Neuron, its parameters in the ANN's units, and the operator whose `evaluate` is the oracle. */
const CASES: readonly [neuron: string, values: Values, operator: string, attributes: object][] = [
  ['tsa-leaky-relu', { slope: 0.1 }, 'LeakyRelu', { alpha: 0.1 }],
  ['tsa-elu', { gain: 1, alpha: 0.5, width: 1 }, 'Elu', { alpha: 0.5 }],
  ['tsa-elu', { gain: 1.0507, alpha: 1.67326, width: 1 }, 'Selu', { alpha: 1.67326, gamma: 1.0507 }],
  ['tsa-elu', { gain: 1, alpha: 2, width: 2 }, 'Celu', { alpha: 2 }],
  ['tsa-silu', {}, 'Silu', {}],
  ['tsa-hard-swish', {}, 'HardSwish', {}],
  ['tsa-gelu', {}, 'Gelu', { approximate: 'none' }],
  ['tsa-gelu-tanh', {}, 'GeluTanh', {}],
  ['tsa-mish', {}, 'Mish', {}],
  ['tsa-softplus', {}, 'Softplus', {}],
  ['tsa-sigmoid', {}, 'Sigmoid', {}],
  ['tsa-hard-sigmoid', { slope: 0.2, offset: 0.4 }, 'HardSigmoid', { alpha: 0.2, beta: 0.4 }],
  ['tsa-tanh', {}, 'Tanh', {}],
  ['tsa-softsign', {}, 'Softsign', {}],
];

const X = Float32Array.from({ length: 161 }, (_, i) => (i - 80) / 10);
const K = kappa(12, 1.5);

/** The parameters in units of theta, one for each of `count` neurons. */
function inTheta(name: string, values: Values, theta: number, count: number): NeuronParameters {
  const all = neuronNamed(name).parameters.includes('unit') ? { unit: 1, ...values } : values;
  return Object.fromEntries(
    Object.entries(all).map(([role, value]) => [
      role,
      new Float32Array(count).fill(atScale(role as ParameterName, value, 1 / theta)),
    ]),
  );
}

const oracle = (operator: string, attributes: object) =>
  opNamed(operator)!.evaluate(attributes, [floatTensor([X.length], X)])[0]!.data;

it('has a case for every function', () => {
  const plain = ['tsa-relu', 'tsa-clip', 'tsa-identity'];
  expect(new Set([...plain, ...CASES.map(([name]) => name)])).toEqual(
    new Set(neurons.map(({ name }) => name as string)),
  );
});

describe.each(CASES)('%s %o (%s)', (name, values, operator, attributes) => {
  const neuron = neuronNamed(name);
  const expected = oracle(operator, attributes);

  it('is the function of the operator that becomes it, at every scale', () => {
    expect(neuron.operators).toContain(operator);
    const out = new Float32Array(X.length);
    for (const [theta, scale] of [
      [1, 1],
      [0.05, 1],
      [0.05, 1.5 ** -9],
    ] as const) {
      // h = x / theta at the scale of the step
      const h = X.map((x) => (x / theta) * scale);
      neuron.track(out, h, inTheta(name, values, theta, X.length), scale);
      out.forEach((value, i) => {
        expect(Math.abs((value / scale) * theta - expected[i]!)).toBeLessThan(4e-6);
      });
      neuron.track(h, h, inTheta(name, values, theta, X.length), scale);
      expect(h).toEqual(out);
    }
  });

  it('decodes within half of theta where its input comes evenly', () => {
    const [T, Ts, beta] = [12, 3, 1.5];
    const theta = Math.max(...expected.map(Math.abs)) / K;
    const parameters = inTheta(name, values, theta, X.length);
    const layer = { neuron, T, Ts, beta, phi: 1 / 2, parameters };
    const population = new TsaPopulation(layer, X.length, X.length);
    const spikes = new Float32Array(X.length);
    const current = X.map((x) => x / theta / K);
    for (let t = 1; t <= T + Ts; t++) population.step(t, current, spikes);
    population.atEnd().decoded.forEach((decoded, i) => {
      expect(Math.abs(decoded - expected[i]! / theta)).toBeLessThan(0.5 + 0.02);
    });
  });

  it('is the same as ONNX nodes', async () => {
    const builder = new GraphBuilder('test/');
    const [theta, scale] = [0.05, 1.5 ** -12];
    const given = inTheta(name, values, theta, 1);
    const names = Object.entries(given).map(([role, value]): [string, string] => {
      const own = atScale(role as ParameterName, value![0]!, scale);
      return [role, builder.constant(role, floatTensor([], [own]))];
    });
    const out = neuron.emit(builder, 'h', Object.fromEntries(names));
    const shape = [X.length];
    const bytes = writeOnnxGraph(
      {
        name: 'f',
        inputs: [{ name: 'h', dtype: 'float32', shape }],
        outputs: [{ name: out, dtype: 'float32', shape }],
        nodes: builder.nodes,
        initializers: builder.initializers,
      },
      { opset: 17, irVersion: 8 },
    );
    const session = await openSession(bytes, { where: name });
    const h = X.map((x) => (x / theta) * scale);
    const emitted = (await session.run(new Map([['h', floatTensor(shape, h)]]))).get(out)!;
    await session.release();
    emitted.data.forEach((value, i) => {
      expect(Math.abs((value / scale) * theta - expected[i]!)).toBeLessThan(1e-5);
    });
  });

  it('is monotone exactly where it says so, and bounded by the range of a quantizer', () => {
    const lists = Object.fromEntries(Object.entries(values).map(([role, value]) => [role, [value]]));
    const rises = expected.every((value, i) => i === 0 || value >= expected[i - 1]! - 1e-6);
    expect(neuron.monotone(lists)).toBe(rises);
    const out = new Float32Array(X.length);
    neuron.track(out, X, inTheta(name, { ...values, low: -0.1, high: 0.3 }, 1, X.length), 1);
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.min(Math.max(expected[i]!, -0.1), 0.3), 5);
    });
  });
});

describe('flags', () => {
  it('follow the parameters', () => {
    expect(neuronNamed('tsa-leaky-relu').monotone({ slope: [0.1, -0.1] })).toBe(false);
    expect(neuronNamed('tsa-hard-sigmoid').monotone({ slope: [-0.2], offset: [0.5] })).toBe(false);
    expect(neuronNamed('tsa-elu').monotone({ gain: [1], alpha: [-1], width: [1] })).toBe(false);
  });

  it('warn of functions that are level at both ends', () => {
    const warned = neurons.filter((neuron) => neuron.caution?.({ low: [-1], high: [1] }) !== undefined);
    expect(warned.map(({ name }) => name)).toEqual(['tsa-clip', 'tsa-tanh', 'tsa-softsign']);
    expect(neuronNamed('tsa-clip').caution!({ low: [0], high: [6] })).toBeUndefined();
  });

  it('are exact where f only compares', () => {
    expect(neurons.filter(({ exact }) => exact).map(({ name }) => name)).toEqual([
      'tsa-relu',
      'tsa-clip',
      'tsa-identity',
    ]);
  });
});
