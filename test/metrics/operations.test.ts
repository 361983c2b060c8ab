// Operations of the SNN, counted by hand from spike counts that are given.
import { describe, expect, it } from 'vitest';
import { compute45nm, energyMj } from '../../src/energy/compute-45nm.ts';
import { fanOuts } from '../../src/metrics/fan-out.ts';
import { snnOperations, synapticOperations } from '../../src/metrics/operations.ts';
import { addTrace, emptyTally, type SpikeTally } from '../../src/metrics/tally.ts';
import type { Network } from '../../src/snn/network.ts';
import { floatTensor, type Shape, sizeOf } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const CODING = { T: 4, beta: 2, Ts: 1 };
const ones = (shape: Shape) => floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));

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
const tally: SpikeTally = {
  images: 2,
  counts: new Map([
    ['x', Float64Array.from({ length: 16 }, (_, i) => [2, 1, 0, 2, 2, 1, 1, 1][i] ?? 0)],
    ['r', Float64Array.from({ length: 32 }, (_, i) => (i % 8 < 6 && i < 16 ? 1 : 0))],
  ]),
};

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
    const counts = new Map([
      ['x', new Float64Array(12).fill(1)],
      ['r', new Float64Array(20)],
      ['y', new Float64Array(12)],
    ]);
    const { delayLineAccesses, syops } = operationsOf(residual, { images: 1, counts });
    // the 3 inputs wait for T = 4 steps
    expect(delayLineAccesses).toBe(12);
    // a spike of x reaches 5 neurons and, over the skip, 1
    expect(syops.fanOut).toBe(12 * (5 + 1));
  });
});

describe('addTrace', () => {
  it('sums counts and images', () => {
    const sum = emptyTally();
    const trace = (images: number, ...counts: number[]) => ({
      images,
      logits: new Map(),
      layers: new Map([['x', { counts: Float64Array.from(counts) }]]),
    });
    const first = trace(2, 1, 0);
    addTrace(sum, first);
    addTrace(sum, trace(1, 1, 3));
    expect(sum).toEqual({ images: 3, counts: new Map([['x', Float64Array.of(2, 3)]]) });
    expect(first.layers.get('x')!.counts, 'the trace is left alone').toEqual(Float64Array.of(1, 0));
  });
});

describe('energyMj', () => {
  it('bills 4.6 pJ per MAC and 0.9 pJ per AC', () => {
    expect(energyMj(compute45nm, { macs: 2e6, acs: 1e7 })).toBeCloseTo((2 * 4.6 + 10 * 0.9) * 1e-3, 15);
  });
});
