// Fan-out of tiny networks, counted by hand.
import { describe, expect, it } from 'vitest';
import { fanOuts } from '../../src/metrics/fan-out.ts';
import { floatTensor, indexTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { type AttributeRecord, int, ints } from '../ops/single-node.ts';
import { annValues, filled, graphOf, type Line, networkOf, normal } from '../snn/tiny.ts';

const PADDED = { pads: ints(1, 1, 1, 1) };
const ones = (shape: Shape) => floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));

function fanOutOf(
  input: Shape,
  nodes: readonly Line[],
  constants: Readonly<Record<string, Tensor>> = {},
  layer = 'x',
): number[] {
  return [...fanOuts(networkOf(graphOf({ input, nodes, constants }))).get(layer)!];
}

describe('one convolution', () => {
  const cases: readonly [string, Shape, Tensor, AttributeRecord, number[]][] = [
    // corners reach 2 x 2 outputs, edges 2 x 3, the centre 3 x 3
    ['3 x 3 padded', [1, 3, 3], ones([1, 1, 3, 3]), PADDED, [4, 6, 4, 6, 9, 6, 4, 6, 4]],
    // windows start at -1 and 1: rows 0, 2, 3 lie in one, row 1 in both
    [
      'stride 2',
      [1, 4, 4],
      ones([2, 1, 3, 3]),
      { ...PADDED, strides: ints(2, 2) },
      [1, 2, 1, 1, 2, 4, 2, 2, 1, 2, 1, 1, 1, 2, 1, 1].map((windows) => 2 * windows),
    ],
    // only the middle tap is not zero
    ['zero weights', [1, 2, 2], floatTensor([1, 1, 3, 3], [0, 0, 0, 0, 5, 0, 0, 0, 0]), PADDED, [1, 1, 1, 1]],
    // each channel reaches its own 2 filters
    ['depthwise', [2, 1, 1], ones([4, 1, 1, 1]), { group: int(2) }, [2, 2]],
    ['a dead filter', [1, 1, 1], floatTensor([3, 1, 1, 1], [1, 0, 2]), {}, [2]],
  ];
  it.each(cases)('%s', (_, input, w, attributes, expected) => {
    expect(fanOutOf(input, [['Conv', ['x', 'w'], 'y', attributes]], { w })).toEqual(expected);
  });
});

describe('composed maps', () => {
  it('of an average pool and a convolution are one synapse for each target', () => {
    // 4 x 4 -> 2 x 2 means -> a 1 x 1 convolution to 3 channels
    const pool = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
    const nodes: Line[] = [
      ['AveragePool', ['x'], 'p', pool],
      ['Conv', ['p', 'w'], 'y'],
    ];
    expect(fanOutOf([1, 4, 4], nodes, { w: ones([3, 1, 1, 1]) })).toEqual(new Array(16).fill(3));
  });

  it('count a target once that is reached through several overlapping windows', () => {
    // 3 x 3 -> 2 x 2 overlapping means -> one 2 x 2 filter: the centre lies in 4 windows, the target is one
    const nodes: Line[] = [
      ['AveragePool', ['x'], 'p', { kernel_shape: ints(2, 2), strides: ints(1, 1) }],
      ['Conv', ['p', 'w'], 'y'],
    ];
    expect(fanOutOf([1, 3, 3], nodes, { w: ones([1, 1, 2, 2]) })).toEqual(new Array(9).fill(1));
  });

  it('leave out what cancels', () => {
    // x -> x and x -> -x into one sum
    const nodes: Line[] = [
      ['Gemm', ['x', 'plus'], 'a'],
      ['Gemm', ['x', 'minus'], 'b'],
      ['Add', ['a', 'b'], 'y'],
    ];
    const constants = { plus: floatTensor([1, 2], [1, 1]), minus: floatTensor([1, 2], [-1, 1]) };
    expect(fanOutOf([1], nodes, constants)).toEqual([1]);
  });
});

describe('joins', () => {
  const weights: Readonly<Record<string, Tensor>> = { w: ones([2, 2, 3, 3]), v: ones([2, 2, 3, 3]) };
  const residual: Line[] = [
    ['Conv', ['x', 'w'], 'a', PADDED],
    ['Relu', ['a'], 'r'],
    ['Conv', ['r', 'v'], 'b', PADDED],
    ['Add', ['b', 'r'], 's'],
    ['Relu', ['s'], 'y'],
  ];

  it('an identity skip beside a dense 3 x 3 adds no target', () => {
    // on 2 x 2 every pixel reaches every pixel of 2 channels, itself among them
    expect(fanOutOf([2, 2, 2], residual, weights, 'r')).toEqual(new Array(8).fill(8));
  });

  it('an identity skip beside a convolution without a middle tap adds one', () => {
    const v = floatTensor([2, 2, 3, 3]);
    v.data[2] = 1; // filter 0, channel 0, the tap up and to the right
    // channel 0: the pixel itself, and one more where the tap lands inside: only from [0, 1] to [1, 0]
    expect(fanOutOf([2, 2, 2], residual, { ...weights, v }, 'r')).toEqual([1, 2, 1, 1, 1, 1, 1, 1]);
  });

  it('a concatenation reaches the filters over its own channels', () => {
    const nodes: Line[] = [
      ['Conv', ['x', 'w'], 'a'],
      ['Relu', ['a'], 'r'],
      ['Concat', ['r', 'x'], 'c', { axis: int(1) }],
      ['Conv', ['c', 'v'], 'y'],
    ];
    // v reads r (1 channel) with 2 of 3 filters, x (1 channel) with 1 of 3; x also feeds w
    const constants = { w: ones([1, 1, 1, 1]), v: floatTensor([3, 2, 1, 1], [1, 0, 1, 0, 0, 1]) };
    expect(fanOutOf([1, 1, 2], nodes, constants, 'r')).toEqual([2, 2]);
    expect(fanOutOf([1, 1, 2], nodes, constants, 'x')).toEqual([1 + 1, 1 + 1]);
  });

  it('a tensor read by a neuron and a readout reaches both', () => {
    const graph = graphOf({ input: [2], nodes: [['Relu', ['x'], 'r']], outputs: ['x', 'r'] });
    const reach = fanOuts(networkOf(graph));
    expect([...reach.get('x')!]).toEqual([2, 2]);
    expect([...reach.get('r')!]).toEqual([1, 1]);
  });

  it('a fused max-pool is reached in every potential that it takes the maximum of', () => {
    const nodes: Line[] = [
      ['Conv', ['x', 'w'], 'a', PADDED],
      ['Relu', ['a'], 'r'],
      ['MaxPool', ['r'], 'y', { kernel_shape: ints(2, 2), strides: ints(2, 2) }],
    ];
    expect(fanOutOf([1, 2, 2], nodes, { w: ones([1, 1, 3, 3]) })).toEqual([4, 4, 4, 4]);
  });
});

describe('against one-hot inputs', () => {
  const gauss = normal(3);
  const POOL = { kernel_shape: ints(2, 2), strides: ints(2, 2) };
  const positive = (shape: Shape) => filled(shape, () => 0.1 + Math.abs(gauss()));
  const w = {
    u: positive([4, 2, 1, 1]),
    v: positive([3, 4, 3, 3]),
    d: positive([4, 1, 3, 3]),
    g: positive([4, 5]),
  };
  const cases: readonly [string, Line[]][] = [
    [
      'pointwise, pooled',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['AveragePool', ['a'], 'y', POOL],
      ],
    ],
    [
      'pointwise, pooled with overlap',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['AveragePool', ['a'], 'y', { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1) }],
      ],
    ],
    [
      'pooled, then everything',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['GlobalAveragePool', ['a'], 'p'],
        ['Flatten', ['p'], 'f'],
        ['Gemm', ['f', 'g'], 'y'],
      ],
    ],
    [
      '3 x 3, pooled',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['Conv', ['a', 'v'], 'b', PADDED],
        ['AveragePool', ['b'], 'y', POOL],
      ],
    ],
    [
      'branches of a Concat, pooled',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['AveragePool', ['a'], 'p', POOL],
        ['AveragePool', ['x'], 'q', POOL],
        ['Concat', ['p', 'q'], 'y', { axis: int(1) }],
      ],
    ],
    [
      'depthwise behind pointwise',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['Conv', ['a', 'd'], 'y', { ...PADDED, group: int(4) }],
      ],
    ],
    [
      'pooled, flattened',
      [
        ['Conv', ['x', 'u'], 'a'],
        ['AveragePool', ['a'], 'p', POOL],
        ['Reshape', ['p', 'flat'], 'y'],
      ],
    ],
  ];
  it.each(cases)('%s', (_, nodes) => {
    // Currents between maps stay currents here: what counts is the composed map.
    const model = { input: [2, 4, 4], nodes, constants: { ...w, flat: indexTensor([0, -1]) } };
    const graph = graphOf(model);
    const network = networkOf(graph, { plan: { linear: 'analog' } });
    const linear = {
      ...network,
      nodes: network.nodes.map(({ ...node }) => ({ ...node, analog: false }) as typeof node),
    };
    const reached = [...fanOuts(linear).get('x')!];
    const expected = reached.map((_, element) => {
      const image = floatTensor(
        [1, 2, 4, 4],
        Float32Array.from({ length: 32 }, (__, i) => Number(i === element)),
      );
      return annValues(graph, image)
        .get('y')!
        .data.filter((value) => value !== 0).length;
    });
    expect(reached).toEqual(expected);
  });
});
