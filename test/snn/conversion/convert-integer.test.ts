// Integer networks by hand: the whole numbers that flow, what they stand for at each membrane, and what has no integers.
import { describe, expect, it } from 'vitest';
import { dense } from '../../../src/engines/dense/index.ts';
import { reference } from '../../../src/engines/reference/index.ts';
import { runQuantizedAnn } from '../../../src/engines/reference/quantized-ann.ts';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { type Network, neuronLayers, readouts } from '../../../src/snn/network/network.ts';
import { type FloatTensor, floatTensor } from '../../../src/tensor/tensor.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { decodedIntegers, quantizedNetwork } from '../quantized-network.ts';

const fq = (scale: string, low = 0, high = 255) =>
  `{scale: [${scale}], axis: 1, type: "int8", zeroPoint: 0, low: ${low}, high: ${high}, absorbed: []}`;
const on = (scale: string, axis = 0) => `on {scale: [${scale}], axis: ${axis}, low: -127, high: 127}`;
const POOL = 'kernel_shape: [2, 2], strides: [2, 2]';

const graphOf = (text: string) => parseGraph(text) as CanonicalGraph;

function networkOf(text: string, steps?: number): Network {
  return quantizedNetwork(graphOf(text), steps).network();
}

function whyFloat(text: string): string | null {
  const { arithmetic, whyFloat: why } = networkOf(text);
  expect(arithmetic).toBe(why === null ? 'integer' : 'float32');
  return why;
}

const constantOf = (network: Network, name: string | undefined) => {
  const { dtype, shape, data } = network.constants.get(name!)!;
  return [dtype, shape, [...data]] as const;
};

/** What a layer or readout adds up: each source with its scale; and the bias. */
function sumOf(network: Network, name: string) {
  const node = [...neuronLayers(network), ...readouts(network)].find((each) => each.name === name)!;
  return {
    sources: node.sources.map(({ value, scale }) => [value, constantOf(network, scale)[2]]),
    bias: node.bias === undefined ? null : constantOf(network, node.bias)[2],
  };
}

/** The weights of the integer network's linear nodes, by node. */
function weightsOf(network: Network) {
  return network.nodes.flatMap((node) => {
    if (node.kind !== 'linear') return [];
    return node.sources.flatMap((source) =>
      'constant' in source ? [[node.name, ...constantOf(network, source.constant)] as const] : [],
    );
  });
}

/** The last logits of all outputs, from the dense engine, which must equal the reference's and the quantized ANN's. */
async function logitsOf(network: Network, images: FloatTensor): Promise<readonly number[]> {
  const expected = await (await reference.compile(network)).run(images);
  const compiled = await dense.compile(network);
  expect(await compiled.run(images)).toEqual(expected);
  await compiled.release();
  const last = [...expected.logits.values()].flatMap((logits) => [
    ...logits.slice((logits.length / network.coding.T) * (network.coding.T - 1)),
  ]);
  const ann = [...runQuantizedAnn(network, images).logits.values()].flatMap((logits) => [...logits]);
  expect(last).toEqual(ann.map(Math.fround));
  return last;
}

const RESIDUAL = `
input x [1, 1, 1, 1]
q = FakeQuantize(x) ${fq('0.5')}
const w [1, 1, 1, 1] = 0.75 ${on('0.25')}
const b [1] = 1
a = Conv(q, w, b)
s = Add(a, q)
p = FakeQuantize(s) ${fq('2')}
y = Reshape(p, [-1, 1])
output y`;

describe('a residual sum', () => {
  const network = networkOf(RESIDUAL);

  it('has one term for each scale, in units of theta, and its bias at the membrane', () => {
    // Currents are 3 q; one of them is worth 0.25 * 0.5 of 2, one spike of the input 0.5 of 2, the bias 1 of 2.
    expect(weightsOf(network)).toEqual([['a', 'int8', [1, 1, 1, 1], [3]]]);
    expect(sumOf(network, 'p')).toEqual({
      sources: [
        ['a', [0.0625]],
        ['q', [0.25]],
      ],
      bias: [0.5],
    });
    const [{ sources }] = neuronLayers(network) as [ReturnType<typeof neuronLayers>[number]];
    expect(sources.map(({ scale }) => constantOf(network, scale).slice(0, 2))).toEqual([
      ['float64', []],
      ['float64', []],
    ]);
  });

  it('is decoded in units of its own', async () => {
    // q = 9: 3 * 9 * 0.0625 + 9 * 0.25 + 0.5 = 4.4375, which is 4 steps of 2.
    expect(await logitsOf(network, floatTensor([1, 1, 1, 1], [4.5]))).toEqual([8]);
  });

  it('of a value with itself has it twice', async () => {
    const twice = networkOf(`
input x [1, 2]
const k [] = 0.5
q = FakeQuantize(x) ${fq('1')}
s = Add(q, q)
y = Mul(s, k)
output y`);
    expect(sumOf(twice, 'y').sources).toEqual([
      ['q', [0.5]],
      ['q', [0.5]],
    ]);
    expect(await logitsOf(twice, floatTensor([1, 2], [3, 200]))).toEqual([3, 200]);
  });

  it('with a constant has it in the bias', async () => {
    const shifted = networkOf(`
input x [1, 2]
const k [2] = 0.5, -3
q = FakeQuantize(x) ${fq('1')}
y = Add(q, k)
output y`);
    expect(sumOf(shifted, 'y')).toEqual({ sources: [['q', [1]]], bias: [0.5, -3] });
    expect(await logitsOf(shifted, floatTensor([1, 2], [3, 200]))).toEqual([3.5, 197]);
  });
});

const JOIN = (first: string, second: string, weights: string) => `
input x [1, 1, 1, 1]
q = FakeQuantize(x) ${fq('1')}
const u [1, 1, 1, 1] = 1 ${on('1')}
a = Conv(q, u)
b = FakeQuantize(a) ${fq(first)}
c = FakeQuantize(a) ${fq(second)}
j = Concat(b, c) {axis: 1}
const w [1, 2, 1, 1] = 3, 5 ${on('1')}
const k [2, 1, 1] = 1, 0
${weights}
output y`;

describe('weights that read several scales', () => {
  it('are split by input channel, and add up', async () => {
    const network = networkOf(JOIN('1', '0.5', 'y = Conv(j, w)'));
    expect(weightsOf(network).slice(1)).toEqual([
      ['y', 'int8', [1, 2, 1, 1], [3, 0]],
      ['y#2', 'int8', [1, 2, 1, 1], [0, 5]],
    ]);
    expect(sumOf(network, 'y').sources).toEqual([
      ['y', [1]],
      ['y#2', [0.5]],
    ]);
    expect(await logitsOf(network, floatTensor([1, 1, 1, 1], [7]))).toEqual([56]);
  });

  it('stay whole where the scales are one', () => {
    const network = networkOf(JOIN('0.5', '0.5', 'y = Conv(j, w)'));
    expect(weightsOf(network).slice(1)).toEqual([['y', 'int8', [1, 2, 1, 1], [3, 5]]]);
    expect(sumOf(network, 'y').sources).toEqual([['y', [0.5]]]);
  });

  it('do not see a channel that a factor of 0 silences', async () => {
    const network = networkOf(JOIN('1', '1', 'm = Mul(j, k)\ny = Conv(m, w)'));
    expect(await logitsOf(network, floatTensor([1, 1, 1, 1], [7]))).toEqual([21]);
  });

  it('see nothing where all channels are silenced', async () => {
    const network = networkOf(JOIN('1', '1', 'const z [] = 0\nm = Mul(j, z)\ny = Conv(m, w)'));
    expect(await logitsOf(network, floatTensor([1, 1, 1, 1], [7]))).toEqual([0]);
  });
});

describe('a join of sums', () => {
  it('pads its further terms with silence', async () => {
    const network = networkOf(`
input x [1, 1, 1, 1]
q = FakeQuantize(x) ${fq('1')}
const u [1, 1, 1, 1] = 2 ${on('1')}
const b [1] = 10
a = Conv(q, u)
s = Add(a, q)
c = Conv(q, u, b)
y = Concat(c, s) {axis: 1}
output y`);
    expect(sumOf(network, 'y')).toEqual({
      sources: [
        ['y', [1]],
        ['y#2', [0, 1]],
      ],
      bias: [10, 0],
    });
    const pad = network.nodes.find((node) => node.kind === 'linear' && node.output === 'y#2');
    expect(pad).toMatchObject({ op: 'Pad', attributes: { pads: [0, 1, 0, 0, 0, 0, 0, 0], value: 0 } });
    expect(await logitsOf(network, floatTensor([1, 1, 1, 1], [7]))).toEqual([24, 21]);
  });
});

describe('a mean', () => {
  const image = floatTensor([1, 1, 2, 2], [1, 2, 3, 5]);
  const meanOf = (node: string) => `
input x [1, 1, 2, 2]
q = FakeQuantize(x) ${fq('1')}
y = ${node}
output y`;

  it.each([
    ['AveragePool', `AveragePool(q) {${POOL}}`, [2.75]],
    ['GlobalAveragePool', 'GlobalAveragePool(q)', [2.75]],
    ['ReduceMean', 'ReduceMean(q) {axes: [2, 3], keepdims: 0}', [2.75]],
    [
      'AveragePool, padding counted',
      `AveragePool(q) {${POOL}, pads: [1, 1, 1, 1], count_include_pad: 1}`,
      [1, 2, 3, 5].map((v) => v / 4),
    ],
    ['AveragePool, padding not counted', `AveragePool(q) {${POOL}, pads: [1, 1, 1, 1]}`, [1, 2, 3, 5]],
    ['AveragePool, uneven', `AveragePool(q) {${POOL}, pads: [0, 1, 0, 1]}`, [2, 3.5]],
    [
      'AveragePool, ceil_mode',
      `AveragePool(q) {kernel_shape: [2, 1], strides: [2, 1], pads: [1, 0, 0, 0], ceil_mode: 1}`,
      [1, 2, 3, 5],
    ],
  ])('%s is a sum with ones in a smaller unit', async (_, node, expected) => {
    const network = networkOf(meanOf(node));
    for (const [, dtype, , values] of weightsOf(network)) {
      expect(dtype).toBe('int8');
      expect(new Set(values)).toEqual(new Set([1]));
    }
    expect(await logitsOf(network, image)).toEqual(expected);
  });
});

describe('bounds', () => {
  const boundsOf = (low: number, high: number, steps?: number, before = '') => {
    const network = networkOf(
      `
input x [1, 1]
q = FakeQuantize(x) ${fq('1')}
const w [1, 1] = 1 ${on('1')}
a = Gemm(q, w) {transB: 1}${before}
b = FakeQuantize(${before === '' ? 'a' : 'c'}) ${fq('1', low, high)}
y = Gemm(b, w) {transB: 1}
output y`,
      steps,
    );
    const [{ neuron, parameters = {} }] = neuronLayers(network) as [ReturnType<typeof neuronLayers>[number]];
    const value = (name: string | undefined) => (name === undefined ? null : constantOf(network, name)[2][0]);
    return [neuron, value(parameters.low), value(parameters.high)];
  };

  it.each([
    ['a ReLU where the code ends at the grid', [0, 255], undefined, ['tsa-relu', null, null]],
    ['a clip where the code goes on', [0, 100], undefined, ['tsa-clip', 0, 100]],
    ['both ends of a signed grid', [-128, 127], undefined, ['tsa-clip', -128, 127]],
    ['one end where the code saturates at the other', [-37, 255], undefined, ['tsa-clip', -37, null]],
    ['none where the code saturates at both', [-255, 255], undefined, ['tsa-identity', null, null]],
    ['a clip with more steps than bits', [0, 255], 9, ['tsa-clip', 0, 255]],
    ['a ReLU with fewer', [0, 255], 4, ['tsa-relu', null, null]],
  ] as const)('are %s', (_, [low, high], steps, expected) => {
    expect(boundsOf(low, high, steps)).toEqual(expected);
  });

  it('are those of a Clip of its own where they are narrower', () => {
    expect(boundsOf(0, 255, undefined, '\nc = Clip(a, 0, 20.5)')).toEqual(['tsa-clip', 0, 20.5]);
    expect(boundsOf(-3, 15, undefined, '\nc = Clip(a, -5, 20.5)')).toEqual(['tsa-clip', -3, 15]);
  });
});

describe('steps and bits', () => {
  const chain = `
input x [1, 2]
q = FakeQuantize(x) ${fq('1')}
const w [1, 2] = 1, -1 ${on('1')}
a = Gemm(q, w) {transB: 1}
b = FakeQuantize(a) ${fq('1')}
const v [1, 1] = 3 ${on('1')}
y = Gemm(b, v) {transB: 1}
output y`;
  const images = floatTensor([3, 2], [255, 0, 170, 51, 3, 200]);

  it.each([8, 9, 12])('%d steps carry 8 bits exactly', async (T) => {
    expect(await logitsOf(networkOf(chain, T), images)).toEqual([765, 357, 0]);
  });

  it('fewer carry a coarser code of them, in integers all the same', async () => {
    const network = networkOf(chain, 4);
    expect(network.arithmetic).toBe('integer');
    // theta = 255 / 15 = 17: 170 and 51 are 10 and 3 of it.
    expect(await logitsOf(network, images)).toEqual([765, 357, 0]);
    const [layer] = neuronLayers(network);
    expect(layer!.theta).toBe(17);
    const trace = await (await reference.compile(network)).run(images, { spikes: true });
    expect(decodedIntegers(trace.layers.get('b')!, 4)).toEqual([15, 7, 0]);
  });
});

const HEAD = `
input x [1, 1, 2, 2]
q = FakeQuantize(x) ${fq('1')}
const u [1, 1, 1, 1] = 1 ${on('1')}
const p [1] = 0.5
a = Conv(q, u)`;
const MANY = Array.from({ length: 17 }, (_, i) => 1 + i / 64);

describe('no integer network', () => {
  it('of weights that are not quantized', () => {
    const text = 'input x [1, 1]\nconst w [1, 1] = 0.3\ny = Gemm(x, w) {transB: 1}\noutput y';
    expect(whyFloat(text)).toBe('the weights of Gemm "y" are not quantized');
  });

  it('at a beta other than 2', () => {
    const network = quantizedNetwork(graphOf(RESIDUAL)).network({ beta: 1.5, Ts: 1 });
    expect([network.arithmetic, network.whyFloat]).toEqual(['float32', 'beta is 1.5, not 2']);
  });

  it.each<[string, string, string]>([
    [
      'of a MatMul',
      `input x [1, 2, 2]\nq = FakeQuantize(x) ${fq('1')}\nconst w [2, 2] = 1, 2, 3, 4 ${on('1')}\ny = MatMul(q, w)\noutput y`,
      'MatMul "y" is no fully connected layer',
    ],
    [
      'of weights with a scale for each input',
      `input x [1, 2]\nq = FakeQuantize(x) ${fq('1')}\nconst w [1, 2] = 1, 2 ${on('1, 2', 1)}\ny = Gemm(q, w) {transB: 1}\noutput y`,
      'the weights of Gemm "y" have a scale for each input',
    ],
    [
      'of weights of more than 16 bits',
      `input x [1, 1]\nq = FakeQuantize(x) ${fq('1')}\nconst w [1, 1] = 40000 on {scale: [1], axis: 0, low: 0, high: 65535}\ny = Gemm(q, w) {transB: 1}\noutput y`,
      'the weights of Gemm "y" take more than 16 bits',
    ],
    [
      'of more scales than 16 in front of weights',
      `input x [1, 17]\nconst k [17] = ${MANY.join(', ')}\nq = FakeQuantize(x) ${fq('1')}\nm = Mul(q, k)\nconst w [1, 17] = ${MANY.map(() => 1).join(', ')} ${on('1')}\ny = Gemm(m, w) {transB: 1}\noutput y`,
      'Gemm "y" reads 17 different scales',
    ],
    [
      'of a channel of several scales in front of weights',
      `${HEAD}\nb = FakeQuantize(a) ${fq('0.5')}\nc = Concat(q, b) {axis: 2}\ny = Conv(c, u)\noutput y`,
      'Conv "y" reads a channel of several scales',
    ],
    [
      'of a mean over different scales',
      `${HEAD}\nb = FakeQuantize(a) ${fq('0.5')}\nc = Concat(q, b) {axis: 2}\ny = GlobalAveragePool(c)\noutput y`,
      'GlobalAveragePool "y" averages over different scales',
    ],
    [
      'of a mean over channels',
      `${HEAD}\ny = ReduceMean(a) {axes: [1, 2, 3]}\noutput y`,
      'ReduceMean "y" is no mean over whole channels',
    ],
    [
      'of a mean over some axes',
      `${HEAD}\ny = ReduceMean(a) {axes: [3]}\noutput y`,
      'ReduceMean "y" is no mean over whole channels',
    ],
    [
      'of a sum that repeats a running tensor',
      `${HEAD}\nb = GlobalAveragePool(a)\ny = Add(a, b)\noutput y`,
      'Add "y" repeats a running tensor over another',
    ],
    [
      'of a factor that repeats a running tensor',
      `${HEAD}\nconst k [2, 1, 1] = 1, 2\ny = Mul(a, k)\noutput y`,
      'Mul "y" repeats a running tensor over its factor',
    ],
    [
      'where membranes could leave what float64 counts',
      `input x [1, 1, 64, 64]\nq = FakeQuantize(x) ${fq('1')}\nconst u [1, 1, 1, 1] = 127 ${on('1')}\na = Conv(q, u)\nb = GlobalAveragePool(a)\nc = FakeQuantize(b) ${fq('1', 0, 2 ** 18 - 1)}\ny = Reshape(c, [-1, 1])\noutput y`,
      `the membranes of "c" could reach ${127 * 4096 * (2 ** 18 - 1) * 2 ** 17}, beyond 2^53`,
    ],
  ])('%s', (_, text, why) => {
    expect(whyFloat(text)).toBe(why);
  });
});

describe('a shift behind a max-pool', () => {
  // A shift held in float32, a K-th of it for each step, would come out a little above 0.5.
  it('is added exactly, so that half-way ties round to even', async () => {
    const network = networkOf(`
input x [1, 1, 2, 2]
q = FakeQuantize(x) ${fq('1')}
const u [1, 1, 1, 1] = 1 ${on('1')}
a = Conv(q, u)
m = MaxPool(a) {${POOL}}
const k [1, 1, 1] = 0.5
s = Add(m, k)
b = FakeQuantize(s) ${fq('1')}
y = Reshape(b, [-1, 1])
output y`);
    expect(await logitsOf(network, floatTensor([1, 1, 2, 2], [1, 2, 3, 4]))).toEqual([4]);
  });
});
