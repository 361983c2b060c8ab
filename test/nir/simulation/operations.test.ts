// Operations of small graphs, counted by hand.
import { expect, it } from 'vitest';
import { nirFanOuts, nirOperations } from '../../../src/nir/simulation/operations.ts';
import { compileNir } from '../../../src/nir/simulation/program.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';
import { observe } from '../../../src/transfer/observation.ts';
import { EULER, full, graphOf } from './tiny-graph.ts';

const STEPS = 4;

/** Image -> 3x3 convolution of ones -> IF -> 2x2 sums of the upper left -> two outputs, one weight of which is 0. */
const graph = graphOf(
  [1, 3, 3],
  {
    conv: {
      type: 'Conv2d',
      input_shape: [3, 3],
      weight: full([1, 1, 3, 3], 1),
      bias: full([1], 0),
      stride: [1, 1],
      padding: [1, 1],
      dilation: [1, 1],
      groups: 1,
    },
    fire: { type: 'IF', r: full([1, 3, 3], 1), v_threshold: full([1, 3, 3], 0.5) },
    pool: { type: 'SumPool2d', kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] },
    flat: { type: 'Flatten', input_type: [1, 1, 1], start_dim: 0, end_dim: -1 },
    fc: { type: 'Affine', weight: floatTensor([2, 1], [1, 0]), bias: full([2], 0) },
  },
  [2],
);

it('counts true fan-outs, and products of the image at every step or once', () => {
  const program = compileNir(graph, 'tiny');
  const fanOuts = nirFanOuts(program);
  // Only the upper left four reach a window; the weight to the second output is 0.
  expect([...fanOuts.get('fire')!]).toEqual([1, 1, 0, 1, 1, 0, 0, 0, 0]);
  // An image of ones: currents of 4, 6 and 9 fire everywhere at every step.
  const images = { data: new Float32Array(9).fill(1), count: 1 };
  const { spikesPerNeuron, answers } = observe(program, images, { ...EULER, steps: STEPS });
  expect([...spikesPerNeuron.get('fire')!]).toEqual(new Array(9).fill(STEPS));
  expect([...answers]).toEqual([4 * STEPS, 0]);
  // 4 corners * 4 + 4 edges * 6 + 9 connections of the convolution.
  expect(nirOperations(program, fanOuts, spikesPerNeuron, STEPS)).toEqual({
    acs: 4 * STEPS,
    macs: 49 * STEPS,
    macsOnce: 49,
    neuronUpdates: 9 * STEPS,
  });
});

it('counts an identity path as one accumulate, and weights on currents at every step', () => {
  const neuron = { type: 'IF', r: full([2], 1), v_threshold: full([2], 0.5) } as const;
  const weight = floatTensor([2, 2], [1, 0, 1, 1]);
  const skip = graphOf(
    [2],
    { first: neuron, fc: { type: 'Linear', weight }, again: { type: 'Linear', weight }, last: neuron },
    [2],
    [['first', 'last']],
  );
  const program = compileNir(skip, 'tiny');
  const fanOuts = nirFanOuts(program);
  // Columns of the weight have 2 and 1 entries, the skip one each.
  expect([...fanOuts.get('first')!]).toEqual([3, 2]);
  expect([...fanOuts.get('last')!]).toEqual([1, 1]);
  const spikes = new Map([
    ['first', Float64Array.of(1, 2)],
    ['last', Float64Array.of(0, 1)],
  ]);
  // `again` reads currents: three products at each step.
  expect(nirOperations(program, fanOuts, spikes, STEPS)).toEqual({
    acs: 3 + 2 * 2 + 1,
    macs: 3 * STEPS,
    macsOnce: 3 * STEPS,
    neuronUpdates: 4 * STEPS,
  });
});
