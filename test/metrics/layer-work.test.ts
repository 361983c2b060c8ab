// The work of each layer of a tiny network, counted by hand.
import { describe, expect, it } from 'vitest';
import { ELSEWHERE, layerWork } from '../../src/metrics/layer-work.ts';
import { floatTensor, type Shape, sizeOf } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const CODING = { T: 4, beta: 2, Ts: 1 };
const ones = (shape: Shape) => floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));

/** [1, 2, 2] -> 1 x 1 convolution with bias -> ReLU [2, 2, 2] -> global average -> FC 2 -> 3 with bias. */
const graph = graphOf({
  input: [1, 2, 2],
  nodes: [
    ['Conv', ['x', 'w', 'b'], 'a'],
    ['Relu', ['a'], 'r'],
    ['GlobalAveragePool', ['r'], 'g'],
    ['Flatten', ['g'], 'f'],
    ['Gemm', ['f', 'v', 'c'], 'y'],
  ],
  constants: { w: ones([2, 1, 1, 1]), b: ones([2]), v: ones([2, 3]), c: ones([3]) },
});
const network = networkOf(graph, { coding: CODING });

describe('layerWork', () => {
  const spikes = new Map([
    ['x', { spikes: 5, synapticOperations: 10 }],
    ['r', { spikes: 6, synapticOperations: 18 }],
  ]);
  const [image, relu, ...rest] = layerWork(network, spikes);

  it('of an encoder: 4 pixels, 8 products with 2 weights, into 8 membranes', () => {
    expect(image).toEqual({
      name: 'x',
      neurons: 4,
      spikes: 5,
      accumulates: 10,
      products: 0,
      annProducts: 8,
      stateWords: 0,
      updateSteps: 0,
      weightWords: 2,
      targetWords: 8,
    });
  });

  it('of neurons: h and g of 8, at T + Ts steps; 6 weights behind the average, 3 accumulators of scores', () => {
    expect(relu).toEqual({
      name: 'r',
      neurons: 8,
      spikes: 6,
      accumulates: 18,
      products: 0,
      annProducts: 6,
      stateWords: 16,
      updateSteps: 5,
      weightWords: 6,
      targetWords: 3,
    });
  });

  it('leaves nothing over: the products are all that the ANN has', () => {
    expect(rest).toEqual([]);
    expect(image!.annProducts + relu!.annProducts).toBe(network.annOperations.effectiveMacs);
  });

  it('counts products of an image that enters without spikes', () => {
    const direct = networkOf(graph, { coding: { ...CODING, encoder: 'analog' } });
    const [analog] = layerWork(direct, new Map([['r', { spikes: 6, synapticOperations: 18 }]]));
    expect(analog).toMatchObject({ products: 8, spikes: 0, accumulates: 0, annProducts: 8 });
  });

  it('names what no layer causes', () => {
    const more = { ...network, annOperations: { ...network.annOperations, effectiveMacs: 20 } };
    const last = layerWork(more, spikes).at(-1)!;
    expect(last).toMatchObject({ name: ELSEWHERE, annProducts: 6, products: 0, weightWords: 8 });
  });

  it('scales products of composed maps to what the ANN has', () => {
    const fewer = { ...network, annOperations: { ...network.annOperations, effectiveMacs: 7 } };
    expect(layerWork(fewer, spikes).map(({ annProducts }) => annProducts)).toEqual([4, 3]);
  });
});
