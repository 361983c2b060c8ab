// Converted networks compute what the ANN does: decoded logits of the reference engine against plain evaluation.
import { describe, expect, it } from 'vitest';
import { kappa } from '../../../src/encoders/kappa.ts';
import { Ann2SnnError } from '../../../src/errors.ts';
import type { LayerOverrides } from '../../../src/snn/conversion/check-conversion.ts';
import { convert } from '../../../src/snn/conversion/convert.ts';
import type { LinearSnnNode, Network } from '../../../src/snn/network/network.ts';
import { planSpiking } from '../../../src/snn/plan/plan.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';
import { int, ints } from '../../ops/single-node.ts';
import {
  annValues,
  filled,
  graphOf,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  runTiny,
  type TinyModel,
  uniform,
} from '../tiny.ts';

const gauss = normal(31);
const CODING = { T: 16, beta: 1.5, Ts: 3, phi: 0.5 };
const PADDED = { pads: ints(1, 1, 1, 1) };
const HALVED = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
const weights = (...shape: number[]) =>
  filled(shape, () => gauss() / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1) / 2));
const bias = (size: number) => filled([size], () => 0.3 * gauss());

const models: Readonly<Record<string, TinyModel>> = {
  'convolution, pool, flatten, FC': {
    input: [2, 4, 4],
    nodes: [
      ['Conv', ['x', 'w', 'b'], 'a', PADDED],
      ['Relu', ['a'], 'r'],
      ['AveragePool', ['r'], 'p', HALVED],
      ['Flatten', ['p'], 'f'],
      ['Gemm', ['f', 'v', 'c'], 'y'],
    ],
    constants: { w: weights(3, 2, 3, 3), b: bias(3), v: weights(12, 4), c: bias(4) },
  },
  'residual block with a downsampling skip': {
    input: [2, 4, 4],
    nodes: [
      ['Conv', ['x', 'w', 'b'], 'a', PADDED],
      ['Relu', ['a'], 'r'],
      ['Conv', ['r', 'v', 'b'], 'm', { ...PADDED, strides: ints(2, 2) }],
      ['Relu', ['m'], 'q'],
      ['Conv', ['q', 'v'], 'n', PADDED],
      ['Conv', ['r', 's'], 'k', { strides: ints(2, 2) }],
      ['Add', ['n', 'k'], 'j'],
      ['Relu', ['j'], 'o'],
      ['Add', ['o', 'q'], 'i'],
      ['Relu', ['i'], 'u'],
      ['GlobalAveragePool', ['u'], 'g'],
      ['Flatten', ['g'], 'f'],
      ['Gemm', ['f', 'd'], 'y'],
    ],
    constants: {
      w: weights(3, 2, 3, 3),
      b: bias(3),
      v: weights(3, 3, 3, 3),
      s: weights(3, 3, 1, 1),
      d: weights(3, 4),
    },
  },
  'concatenation, grouped and depthwise convolutions': {
    input: [2, 4, 4],
    nodes: [
      ['Conv', ['x', 'w', 'b'], 'a', { ...PADDED, group: int(2) }],
      ['Relu', ['a'], 'r'],
      ['Conv', ['r', 'v'], 'm', { ...PADDED, group: int(4) }],
      ['Relu', ['m'], 'q'],
      ['Concat', ['r', 'q', 'x'], 'j', { axis: int(1) }],
      ['Conv', ['j', 's', 'b'], 'k', { group: int(2) }],
      ['Relu', ['k'], 'u'],
      ['Conv', ['u', 'd'], 'y'],
      ['Flatten', ['y'], 'f'],
    ],
    constants: {
      w: weights(4, 1, 3, 3),
      b: bias(4),
      v: weights(4, 1, 3, 3),
      s: weights(4, 5, 1, 1),
      d: weights(2, 4, 1, 1),
    },
  },
  'scales and shifts that do not fold': {
    input: [3, 2, 2],
    nodes: [
      ['Mul', ['x', 'scale'], 's'],
      ['Add', ['s', 'map'], 't'],
      ['Relu', ['t'], 'r'],
      ['Mul', ['r', 'scale'], 'm'],
      ['Conv', ['m', 'w'], 'a'],
      ['Relu', ['a'], 'y'],
    ],
    constants: {
      scale: floatTensor([3, 1, 1], [0.5, -1, 2]),
      map: filled([3, 2, 2], gauss),
      w: weights(2, 3, 1, 1),
    },
  },
  'sum of a map and one plane for all channels': {
    input: [3, 2, 2],
    nodes: [
      ['Conv', ['x', 'w'], 'a'],
      ['Conv', ['x', 'v'], 'b'],
      ['Add', ['a', 'b'], 's'],
      ['Relu', ['s'], 'r'],
      ['Conv', ['r', 'd'], 'y'],
    ],
    constants: { w: weights(4, 3, 1, 1), v: weights(1, 3, 1, 1), d: weights(2, 4, 1, 1) },
  },
  'concatenated currents into one layer': {
    input: [2, 2, 2],
    nodes: [
      ['Conv', ['x', 'w'], 'a'],
      ['Conv', ['x', 'v'], 'b'],
      ['Concat', ['a', 'b'], 'j', { axis: int(1) }],
      ['Relu', ['j'], 'r'],
      ['Conv', ['r', 'd'], 'y'],
    ],
    constants: { w: weights(3, 2, 1, 1), v: weights(2, 2, 1, 1), d: weights(2, 5, 1, 1) },
  },
  'one channel scaled into several': {
    input: [1, 2, 2],
    nodes: [
      ['Relu', ['x'], 'r'],
      ['Mul', ['r', 'scale'], 'm'],
      ['Relu', ['m'], 'y'],
    ],
    constants: { scale: floatTensor([3, 1, 1], [0.5, -1, 2]) },
  },
  'MatMul along the last of several axes': {
    input: [2, 3],
    nodes: [
      ['MatMul', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['MatMul', ['r', 'v'], 'b'],
      ['Relu', ['b'], 'y'],
    ],
    constants: { w: weights(3, 5), v: weights(5, 4) },
  },
  'transpose and slice': {
    input: [2, 4, 4],
    nodes: [
      ['Conv', ['x', 'w'], 'a', PADDED],
      ['Relu', ['a'], 'r'],
      ['Transpose', ['r'], 't', { perm: ints(0, 2, 3, 1) }],
      ['Reshape', ['t', 'shape'], 'f'],
      ['Gemm', ['f', 'v'], 'y'],
    ],
    constants: {
      w: weights(3, 2, 3, 3),
      shape: { dtype: 'int64', shape: [2], data: Float64Array.of(0, -1) },
      v: weights(48, 4),
    },
  },
};

const IMAGES = 8;

async function decodedError(name: string, perChannel: boolean, coding = CODING) {
  const model = models[name]!;
  const graph = graphOf(model);
  const images = filled([IMAGES, ...(model.input as number[])], gauss);
  const theta = measuredTheta(graph, images, coding, perChannel);
  const { decoded } = await runTiny(networkOf(graph, { coding, theta }), images);
  const [output] = graph.outputs;
  return relativeRms(decoded.get(output!)!, annValues(graph, images).get(output!)!.data);
}

describe.each([false, true])('amplitudes per channel: %s', (perChannel) => {
  it.each(Object.keys(models))('%s', async (name) => {
    expect(await decodedError(name, perChannel)).toBeLessThan(0.02);
    // and what is left is the code's rounding: more steps, less error
    expect(await decodedError(name, perChannel, { T: 24, beta: 2, Ts: 8, phi: 0.5 })).toBeLessThan(1e-5);
  });
});

it('amplitudes that are the same for every channel are one amplitude', async () => {
  const graph = graphOf(models['convolution, pool, flatten, FC']!);
  const images = filled([IMAGES, 2, 4, 4], gauss);
  const outputs = [];
  for (const r of [0.01, [0.01, 0.01, 0.01]]) {
    const theta = new Map<string, number | readonly number[]>([
      ['x', 0.01],
      ['r', r],
    ]);
    outputs.push((await runTiny(networkOf(graph, { coding: CODING, theta }), images)).decoded.get('y'));
  }
  expect(outputs[1]).toEqual(outputs[0]);
});

describe('weights and biases (SWS Eq. 18-19)', () => {
  const graph = graphOf({
    input: [2],
    nodes: [
      ['Gemm', ['x', 'w', 'b'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Gemm', ['r', 'v', 'c'], 'y'],
    ],
    constants: {
      w: floatTensor([2, 2], [1, 2, 3, 4]),
      b: floatTensor([2], [6, 12]),
      v: floatTensor([2, 1], [1, 1]),
      c: floatTensor([1], [3]),
    },
  });
  const constantsOf = (network: Network, name: string) => {
    const node = network.nodes.find((candidate): candidate is LinearSnnNode => candidate.name === name)!;
    return node.sources.flatMap((s) =>
      'constant' in s ? [[...network.constants.get(s.constant)!.data]] : [],
    );
  };

  it('take theta_in / theta_out and 1 / (K theta_out) in', () => {
    const theta = new Map<string, number | number[]>([
      ['x', 0.5],
      ['r', [2, 4]],
    ]);
    const network = networkOf(graph, { coding: { T: 2, beta: 2, Ts: 1 }, theta });
    expect(kappa(2, 2)).toBe(3);
    // rows are outputs: [1, 3] * 0.5 / 2 and [2, 4] * 0.5 / 4; 6 / (3 * 2) and 12 / (3 * 4)
    expect(constantsOf(network, 'a')).toEqual([
      [0.25, 0.75, 0.25, 0.5],
      [1, 1],
    ]);
  });
});

describe('names of constants', () => {
  // MaxPool -> Mul -> Relu makes constants "y.scale" and "y.shift" of its own: the file may hold those names already.
  it('never replace constants of the file', async () => {
    const next = uniform(3);
    const graph = graphOf({
      input: [1, 4, 4],
      nodes: [
        ['Conv', ['x', 'y.scale', 'y.shift'], 'z'],
        ['MaxPool', ['z'], 'p', { kernel_shape: ints(2, 2), strides: ints(2, 2) }],
        ['Mul', ['p', 'k'], 'm'],
        ['Relu', ['m'], 'y'],
        ['GlobalAveragePool', ['y'], 'out'],
      ],
      constants: {
        'y.scale': filled([2, 1, 1, 1], next),
        'y.shift': filled([2], next),
        k: floatTensor([2, 1, 1], [0.5, -2]),
      },
    });
    const images = filled([3, 1, 4, 4], next);
    const coding = { T: 16, beta: 2, Ts: 3 };
    const network = networkOf(graph, { coding, theta: measuredTheta(graph, images, coding) });
    const { decoded } = await runTiny(network, images);
    expect(relativeRms(decoded.get('out')!, annValues(graph, images).get('out')!.data)).toBeLessThan(0.001);
  });
});

describe('convert refuses', () => {
  const graph = graphOf({ input: [2], nodes: [['Relu', ['x'], 'r']] });
  const plan = planSpiking(graph);
  const { constants: _, nodes: __, ...options } = networkOf(graph);
  const refusal = (amplitudes: ReadonlyMap<string, number | readonly number[]>) => {
    try {
      convert(plan, { ...options, amplitudes });
    } catch (error) {
      if (error instanceof Ann2SnnError) return error;
      throw error;
    }
    throw new Error('expected a refusal');
  };

  const amplitudes = (x: number | readonly number[], r: number | readonly number[]) =>
    new Map([
      ['x', x],
      ['r', r],
    ]);
  it.each([
    ['missing amplitudes, all of them', new Map(), 2, /found none/],
    ['an array for the input', amplitudes([1, 1], 1), 1, /expected one amplitude, found 2/],
    ['too few channels', amplitudes(1, [1]), 1, /one amplitude or 2/],
    ['an amplitude of 0', amplitudes(0, 1), 1, /above 0, found 0/],
    ['NaN', amplitudes(1, Number.NaN), 1, /found NaN/],
    ['infinity', amplitudes(Infinity, [1, -1]), 2, /found -1/],
  ])('%s', (_, given, problems, message) => {
    const error = refusal(given);
    expect(error.code).toBe('invalid-calibration');
    expect(error.problems).toHaveLength(problems);
    expect(error.message).toMatch(message);
  });

  it.each<[LayerOverrides, RegExp]>([
    [{ Ts: 12 }, /silent period/],
    [{ Ts: -1 }, /silent period/],
    [{ phi: 0.1 }, /threshold/],
  ])('the layer parameters %j', (override, message) => {
    const layers = new Map([['r', override]]);
    expect(() => networkOf(graph, { layers })).toThrow(Ann2SnnError);
    expect(() => networkOf(graph, { layers })).toThrow(message);
  });

  it('parameters of a layer that there is not', () => {
    const layers = new Map([['nowhere', { Ts: 1 }]]);
    expect(() => networkOf(graph, { layers })).toThrow(/nowhere/);
  });
});
