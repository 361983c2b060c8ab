// A small CNN with each activation, all the way: planned, converted, written and read, run by two engines, and its decoded
// output compared with the ANN's.
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/engines/dense/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { neuronLayers } from '../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { parseSnn, simulate } from '../docs/snn-simulator.ts';
import { float, ints } from '../ops/single-node.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { quantizedNetwork } from './quantized-network.ts';
import {
  annValues,
  filled,
  graphOf,
  type Line,
  measuredTheta,
  networkOf,
  normal,
  relativeRms,
  runTiny,
} from './tiny.ts';

const CODING = { T: 12, beta: 1.5, Ts: 3, phi: 0.5 };
const POOL = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
const gauss = normal(20261121);
const constants = {
  w: filled([4, 2, 3, 3], () => gauss() / 3),
  b: filled([4], () => gauss() / 4),
  slopes: floatTensor([4, 1, 1], [0.1, 0.25, 0, 0.5]),
  falling: floatTensor([4, 1, 1], [0.1, -0.25, 0, 0.5]),
  position: filled([4, 6, 6], () => Math.abs(gauss()) / 4),
  root: floatTensor([], [Math.SQRT2]),
  one: floatTensor([], [1]),
  half: floatTensor([], [0.5]),
  v: filled([5, 36], () => gauss() / 6),
};
const CONV: Line = ['Conv', ['x', 'w', 'b'], 'a', { pads: ints(1, 1, 1, 1) }];
const HEAD: Line[] = [
  ['MaxPool', ['r'], 'p', POOL],
  ['Flatten', ['p'], 'f'],
  ['MatMul', ['f', 'vt'], 'y'],
];
const modelOf = (activation: readonly Line[]) => ({
  input: [2, 6, 6],
  nodes: [CONV, ...activation, ...HEAD],
  constants: { ...constants, vt: floatTensor([36, 5], constants.v.data) },
});
const images = filled([3, 2, 6, 6], gauss);

/** Activation from "a" to "r", the neuron that it becomes, whether the pool behind it is taken in. */
const CASES: readonly [string, readonly Line[], neuron: string, pooled: boolean][] = [
  ['LeakyRelu', [['LeakyRelu', ['a'], 'r', { alpha: float(0.2) }]], 'tsa-leaky-relu', true],
  ['PRelu per channel', [['PRelu', ['a', 'slopes'], 'r']], 'tsa-leaky-relu', true],
  ['PRelu that falls', [['PRelu', ['a', 'falling'], 'r']], 'tsa-leaky-relu', false],
  ['PRelu per element', [['PRelu', ['a', 'position'], 'r']], 'tsa-leaky-relu', false],
  ['Elu', [['Elu', ['a'], 'r']], 'tsa-elu', true],
  ['Selu', [['Selu', ['a'], 'r']], 'tsa-elu', true],
  ['Celu', [['Celu', ['a'], 'r', { alpha: float(0.5) }]], 'tsa-elu', true],
  [
    'SiLU',
    [
      ['Sigmoid', ['a'], 's'],
      ['Mul', ['a', 's'], 'r'],
    ],
    'tsa-silu',
    false,
  ],
  [
    'HardSwish of HardSigmoid',
    [
      ['HardSigmoid', ['a'], 's', { alpha: float(1 / 6) }],
      ['Mul', ['a', 's'], 'r'],
    ],
    'tsa-hard-swish',
    false,
  ],
  [
    'GELU',
    [
      ['Div', ['a', 'root'], 'd'],
      ['Erf', ['d'], 'e'],
      ['Add', ['e', 'one'], 's'],
      ['Mul', ['a', 's'], 'm'],
      ['Mul', ['m', 'half'], 'r'],
    ],
    'tsa-gelu',
    false,
  ],
  [
    'Mish',
    [
      ['Softplus', ['a'], 's'],
      ['Tanh', ['s'], 't'],
      ['Mul', ['a', 't'], 'r'],
    ],
    'tsa-mish',
    false,
  ],
  ['Softplus', [['Softplus', ['a'], 'r']], 'tsa-softplus', true],
  ['Sigmoid', [['Sigmoid', ['a'], 'r']], 'tsa-sigmoid', true],
  ['HardSigmoid', [['HardSigmoid', ['a'], 'r']], 'tsa-hard-sigmoid', true],
  ['Tanh', [['Tanh', ['a'], 'r']], 'tsa-tanh', true],
  ['Softsign', [['Softsign', ['a'], 'r']], 'tsa-softsign', true],
];

describe.each(CASES)('%s', (_, activation, neuron, pooled) => {
  const graph = graphOf(modelOf(activation));
  const theta = measuredTheta(graph, images, CODING);
  const network = networkOf(graph, { coding: CODING, theta });

  it('is planned', () => {
    const layers = planSpiking(graph).nodes.filter((node) => node.kind === 'neuron');
    const expected = pooled
      ? [[neuron, true]]
      : [
          [neuron, false],
          ['tsa-identity', true],
        ];
    expect(layers.map((layer) => [layer.neuron, layer.pool !== undefined])).toEqual(expected);
  });

  it("gives the ANN's logits, from the file too", async () => {
    const read = readNetwork(writeNetwork(network), 'tiny.snn');
    expect(neuronLayers(read)).toEqual(neuronLayers(network));
    const { decoded } = await runTiny(read, images);
    expect(relativeRms(decoded.get('y')!, annValues(graph, images).get('y')!.data)).toBeLessThan(0.03);
  });

  it('gives them on the dense engine and by docs/format.md', async () => {
    const options = { states: true };
    const expected = await (await reference.compile(network)).run(images, options);
    const compiled = await dense.compile(network);
    const found = await compiled.run(images, options);
    await compiled.release();
    // exp and the like differ in the last bits, so spikes may
    expect(relativeRms(found.logits.get('y')!, expected.logits.get('y')!)).toBeLessThan(0.03);
    for (const { name } of neuronLayers(network)) {
      const decoded = found.layers.get(name)!.decoded!;
      expected.layers.get(name)!.decoded!.forEach((value, i) => {
        expect(Math.abs(value - decoded[i]!)).toBeLessThan(1.5);
      });
    }
    const file = parseSnn(writeNetwork(network));
    const size = images.data.length / 3;
    const { logits } = simulate(file, images.data.slice(0, size));
    const own = expected.logits.get('y')!;
    const steps = logits.get('y')!;
    const last = own.slice(own.length - 15, own.length - 10);
    expect(relativeRms(steps.at(-1)!, last)).toBeLessThan(0.03);
  });
});

describe('a quantizer behind an activation that computes with reals', () => {
  it.each([
    ['Sigmoid', 'tsa-sigmoid', 0, 255],
    ['Tanh', 'tsa-tanh', -128, 127],
    ['LeakyRelu', 'tsa-leaky-relu', -16, 64],
  ])(
    '%s: its grid gives the amplitude and the bounds; the network is float32',
    async (op, neuron, low, high) => {
      const grid = (scale: number, from: number, to: number) =>
        `{scale: [${scale}], axis: 1, type: "int8", zeroPoint: 0, low: ${from}, high: ${to}, absorbed: []}`;
      const on = 'on {scale: [0.0078125], axis: 0, low: -127, high: 127}';
      const graph = parseGraph(`
input x [1, 4]
const w [2, 4] = 0.5, -0.25, 0.75, 0.5, -0.5, 0.25, 0.375, -0.75 ${on}
const v [1, 2] = 0.5, -0.75 ${on}
q = FakeQuantize(x) ${grid(1 / 64, -128, 127)}
a = Gemm(q, w) {transB: 1}
s = ${op}(a)
b = FakeQuantize(s) ${grid(1 / 128, low, high)}
y = Gemm(b, v) {transB: 1}
output y`) as CanonicalGraph;
      const network = quantizedNetwork(graph, 8).network({ Ts: 7 });
      expect(network.arithmetic).toBe('float32');
      expect(network.whyFloat).toMatch(`"b" is carried by ${neuron}`);
      const [layer] = neuronLayers(network);
      expect([layer!.neuron, layer!.theta]).toEqual([neuron, 1 / 128]);
      const inputs = filled([20, 4], gauss);
      const { decoded } = await runTiny(network, inputs);
      const expected = annValues(graph, inputs).get('y')!.data;
      // one step of either weight
      decoded.get('y')!.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1.3 / 128);
      });
    },
  );
});

describe('Tanh', () => {
  it('is named in the fates as one that needs a longer silent period', () => {
    const { fates } = planSpiking(graphOf(modelOf([['Tanh', ['a'], 'r']])));
    expect(fates.map(({ detail }) => detail).join('\n')).toMatch(/tsa-tanh.*level at both ends.*--silent 3/);
  });
});

describe('an activation as the last step', () => {
  it.each(['Sigmoid', 'Tanh', 'LeakyRelu'])(
    '%s is a layer of neurons that the readout decodes',
    async (op) => {
      const graph = graphOf({ ...modelOf([[op, ['a'], 'r']]), nodes: [CONV, [op, ['a'], 'r']] });
      const network = networkOf(graph, { coding: CODING, theta: measuredTheta(graph, images, CODING) });
      const { decoded } = await runTiny(network, images);
      expect(relativeRms(decoded.get('r')!, annValues(graph, images).get('r')!.data)).toBeLessThan(0.03);
    },
  );
});
