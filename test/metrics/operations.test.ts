// Operations of the SNN, counted by hand from spike counts that are given.
import { describe, expect, it } from 'vitest';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { fanOuts } from '../../src/metrics/fan-out.ts';
import { snnOperations, synapticOperations } from '../../src/metrics/operations.ts';
import type { SpikeTally } from '../../src/metrics/tally.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { floatTensor, type Shape, sizeOf } from '../../src/tensor/tensor.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const CODING = { T: 4, beta: 2, Ts: 1 };
const ones = (shape: Shape) => floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));

function tallyOf(
  images: number,
  layers: Readonly<Record<string, { readonly perStep: number[]; readonly perNeuron: number[] }>>,
): SpikeTally {
  const entries = Object.entries(layers).map(([name, { perStep, perNeuron }]) => {
    return [name, { perStep: Float64Array.from(perStep), perNeuron: Float64Array.from(perNeuron) }] as const;
  });
  return { images, layers: new Map(entries) };
}

function operationsOf(network: Network, tally: SpikeTally) {
  return snnOperations(network, tally, synapticOperations(network, tally, fanOuts(network)));
}

/** [1, 2, 2] -> 1 x 1 convolution with bias -> ReLU [2, 2, 2] -> global average -> FC 2 -> 3 with bias. */
const network = networkOf(
  graphOf({
    input: [1, 2, 2],
    nodes: [
      ['Conv', ['x', 'w', 'b'], 'a'],
      ['Relu', ['a'], 'r'],
      ['GlobalAveragePool', ['r'], 'g'],
      ['Flatten', ['g'], 'f'],
      ['Gemm', ['f', 'v', 'c'], 'y'],
    ],
    constants: { w: ones([2, 1, 1, 1]), b: ones([2]), v: ones([2, 3]), c: ones([3]) },
  }),
  { coding: CODING },
);

// 2 images: the encoder spikes 10 times in all, the neurons 12 times
const tally = tallyOf(2, {
  x: { perStep: [4, 3, 2, 1], perNeuron: [1, 2, 3, 4] },
  r: { perStep: [0, 6, 4, 2], perNeuron: [2, 2, 2, 2, 2, 2, 0, 0] },
});

describe('snnOperations', () => {
  const operations = operationsOf(network, tally);

  it('counts an accumulate for each spike and synapse', () => {
    // each pixel reaches 2 neurons, each neuron 3 scores: (10 * 2 + 12 * 3) / 2 images
    expect(operations.syops.fanOut).toBe(28);
  });

  it('gives OPF by SWS Eq. 10: (T + Ts) N plus the synaptic operations of the neurons', () => {
    expect(operations.neuronUpdates).toBe((4 + 1) * 8);
    expect(operations.opf).toBe(40 + (12 * 3) / 2);
    expect(operations.opfWithEncoder).toBe(40 + 28);
  });

  it('counts dense products times rates in the syops-counter convention', () => {
    const encoder = 10 / 4 / 2;
    const neurons = 12 / 8 / 2;
    // convolution 8 products + 8 biases; pool 8 inputs; FC 6 products + 3 biases
    expect(operations.syops.syopsCounter).toBeCloseTo((8 + 8) * encoder + (8 + 6 + 3) * neurons, 12);
  });

  it('adds biases at each of the T steps', () => {
    expect(operations.biasAdds).toBe(4 * (8 + 3));
  });

  it('delays nothing in a chain', () => {
    expect(operations.delayLineAccesses).toBe(0);
  });

  it('counts the elements that wait at a join', () => {
    const residual = networkOf(
      graphOf({
        input: [3],
        nodes: [
          ['Gemm', ['x', 'w'], 'a'],
          ['Relu', ['a'], 'r'],
          ['Gemm', ['r', 'v'], 'b'],
          ['Add', ['b', 'x'], 's'],
          ['Relu', ['s'], 'y'],
        ],
        constants: { w: ones([3, 5]), v: ones([5, 3]) },
      }),
      { coding: CODING },
    );
    const spikes = tallyOf(1, {
      x: { perStep: [3, 3, 3, 3], perNeuron: [4, 4, 4] },
      r: { perStep: [0, 0, 0, 0], perNeuron: [0, 0, 0, 0, 0] },
      y: { perStep: [0, 0, 0, 0], perNeuron: [0, 0, 0] },
    });
    const { delayLineAccesses, syops } = operationsOf(residual, spikes);
    // the 3 inputs wait for T = 4 steps
    expect(delayLineAccesses).toBe(12);
    // a spike of x reaches 5 neurons and, over the skip, 1
    expect(syops.fanOut).toBe(12 * (5 + 1));
  });
});

describe('operations of values that are encoded anew', () => {
  /** [3] -> FC 3 -> 5 -> ReLU, whose square is computed on decoded values -> FC 5 -> 2. */
  const anew = networkOf(
    graphOf({
      input: [3],
      nodes: [
        ['Gemm', ['x', 'w'], 'a'],
        ['Relu', ['a'], 'r'],
        ['Mul', ['r', 'r'], 'square'],
        ['Gemm', ['square', 'v'], 'y'],
      ],
      constants: { w: ones([3, 5]), v: ones([5, 2]) },
    }),
    { coding: CODING, plan: { analog: new Set(['square']) } },
  );
  const spikes = tallyOf(1, {
    x: { perStep: [3, 0, 0, 0], perNeuron: [1, 1, 1] },
    r: { perStep: [5, 0, 0, 0], perNeuron: [1, 1, 1, 1, 1] },
    square: { perStep: [5, 5, 0, 0], perNeuron: [2, 2, 2, 2, 2] },
  });

  it('are counted like those of a layer without a silent period', () => {
    const { neuronUpdates, opf, opfWithEncoder, syops } = operationsOf(anew, spikes);
    expect(neuronUpdates).toBe((4 + 1) * 5 + 4 * 5);
    // A spike of the input reaches 5 neurons, one of r its decoder, one of the square 2 scores.
    const [ofInput, ofLayers] = [3 * 5, 5 + 10 * 2];
    expect(syops.fanOut).toBe(ofInput + ofLayers);
    expect(opf).toBe(neuronUpdates + ofLayers);
    expect(opfWithEncoder).toBe(opf + ofInput);
  });
});

describe('operations of an integer network', () => {
  const fq = (high: number) =>
    `{scale: [1], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: ${high}, absorbed: ["relu"]}`;
  const on = 'on {scale: [1], axis: 0, low: -127, high: 127}';
  /** [2, 2, 2] -> 1 x 1 with bias -> [3, 2, 2] -> 1 x 1 with bias, plus the input -> max-pool -> mean -> 4 scores with bias. */
  const integer = quantizedNetwork(
    parseGraph(`
input x [1, 2, 2, 2]
q = FakeQuantize(x) ${fq(15)}
const w [3, 2, 1, 1] = 1, 2, 3, 4, 5, 6 ${on}
const b [3] = 1, 2, 3
a = Conv(q, w, b)
r = FakeQuantize(a) ${fq(15)}
const v [2, 3, 1, 1] = 1, 2, 3, 4, 5, 6 ${on}
const c [2] = 1, 2
d = Conv(r, v, c)
s = Add(d, q)
p = FakeQuantize(s) ${fq(15)}
m = MaxPool(p) {kernel_shape: [2, 1], strides: [2, 1]}
g = GlobalAveragePool(m)
f = Reshape(g, [-1, 2])
const h [4, 2] = 1, 2, 3, 4, 5, 6, 7, 8 ${on}
const e [4] = 1, 2, 3, 4
y = Gemm(f, h, e) {transB: 1}
output y`) as CanonicalGraph,
  ).network({ Ts: 1 });
  const spikes = (size: number) => ({ perStep: [size, 0, 0, 0], perNeuron: new Array<number>(size).fill(1) });
  const operations = operationsOf(
    integer,
    tallyOf(1, { x: spikes(8), r: spikes(12), m: { perStep: [0, 0, 0, 0], perNeuron: [0, 0, 0, 0] } }),
  );

  it('adds biases where they wait, at the potentials, at each of the T steps', () => {
    expect([integer.arithmetic, integer.coding.T]).toEqual(['integer', 4]);
    // 3 x 4 potentials, 2 x 4 in front of the pool, 4 scores
    expect(operations.biasAdds).toBe(4 * (12 + 8 + 4));
  });

  it('counts what waits at a membrane', () => {
    // the 8 inputs wait for T = 4 steps until the convolution's spikes arrive
    expect(operations.delayLineAccesses).toBe(4 * 8);
  });

  it('counts a spike and synapse once, a residual connection as one', () => {
    // a pixel reaches 3 channels and, over the skip, 1; a neuron of r reaches 2
    expect(operations.syops.fanOut).toBe(8 * (3 + 1) + 12 * 2);
  });
});
