// Operators on 8 bit integers against ONNX Runtime: at most one integer in a thousand may differ, by one, where it
// rounds a sum that lies half-way. The scales of the average pools have no simple ratio: they would lie there often.
import { describe, expect, it } from 'vitest';
import { qLinearOps } from '../../src/ops/index.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { combinations, labelOf } from './grid.ts';
import { biasOf, evaluateQNode, integers, type QCase, runQNode, scales, zeros } from './q-node.ts';
import { float, int, ints, relativeError } from './single-node.ts';

const DIFFERING = 1e-3;

const TYPES = ['uint8', 'int8'] as const;

/** Types of data and weights; ONNX Runtime has no kernel for int8 by uint8. */
const PAIRS = [
  ['uint8', 'uint8'],
  ['uint8', 'int8'],
  ['int8', 'int8'],
] as const;
const zeroOf = (type: 'int8' | 'uint8', offset: number) =>
  zeros(type, type === 'int8' ? offset : 128 + offset);

const CONVS: readonly QCase[] = combinations({
  types: PAIRS,
  group: [1, 2, 4],
  perChannel: [false, true],
  bias: [false, true],
}).map(({ types: [x, w], group, perChannel, bias }) => ({
  op: 'QLinearConv',
  inputs: [
    integers(x, [2, 4, 7, 6]),
    scales(0.0213),
    zeroOf(x, 17),
    integers(w, [8, 4 / group, 3, 3], 2),
    perChannel ? scales(...Array.from({ length: 8 }, (_, i) => 0.004 + 0.0007 * i)) : scales(0.0061),
    zeroOf(w, -5),
    scales(0.11),
    zeroOf(x, -9),
    ...(bias ? [biasOf([8], 3000, 3)] : []),
  ],
  attributes: { group: int(group), pads: ints(1, 0, 2, 1), strides: ints(2, 1) },
}));

const MATMULS: readonly QCase[] = combinations({
  types: PAIRS,
  perColumn: [false, true],
  batch: [[], [3]],
}).map(({ types: [a, b], perColumn, batch }) => ({
  op: 'QLinearMatMul',
  inputs: [
    integers(a, [...batch, 5, 12]),
    scales(0.02),
    zeroOf(a, 11),
    integers(b, [...(perColumn ? [] : batch), 12, 6], 2),
    perColumn ? scales(0.01, 0.02, 0.015, 0.03, 0.005, 0.007) : scales(0.013),
    perColumn ? zeros(b, ...new Array<number>(6).fill(b === 'int8' ? 3 : 130)) : zeroOf(b, 3),
    scales(0.4),
    zeroOf(a, -30),
  ],
}));

const ADDS: readonly QCase[] = combinations({
  type: TYPES,
  shape: [[2, 3, 8, 9], [9], [3, 1, 1]],
  zeroPoint: [true, false],
}).map(({ type, shape, zeroPoint }) => ({
  op: 'QLinearAdd',
  inputs: [
    integers(type, [2, 3, 8, 9]),
    scales(0.0171),
    zeroOf(type, 20),
    integers(type, shape, 2),
    scales(0.0333),
    zeroOf(type, -7),
    scales(0.0517),
    ...(zeroPoint ? [zeroOf(type, 2)] : []),
  ],
}));

const GLOBAL_POOLS: readonly QCase[] = combinations({ type: TYPES, size: [[5, 7], [16, 16], [9]] }).map(
  ({ type, size }) => ({
    op: 'QLinearGlobalAveragePool',
    inputs: [
      integers(type, [2, 24, ...size]),
      scales(0.03),
      zeroOf(type, 12),
      scales(0.0047),
      zeroOf(type, -3),
    ],
    attributes: { channels_last: int(0) },
  }),
);

const POOLS: readonly QCase[] = combinations({
  type: TYPES,
  pads: [
    [0, 0, 0, 0],
    [1, 0, 1, 1],
  ],
  ceil: [0, 1],
  countPadding: [0, 1],
})
  // Where both are set ONNX Runtime divides by other counts in its pools of integers and of floats.
  .filter(({ ceil, countPadding }) => ceil + countPadding < 2)
  .map(({ type, pads, ceil, countPadding }) => ({
    op: 'QLinearAveragePool',
    inputs: [
      integers(type, [2, 8, 12, 11]),
      scales(Math.SQRT2 / 50),
      zeroOf(type, 12),
      scales(0.019),
      zeroOf(type, -3),
    ],
    attributes: {
      kernel_shape: ints(3, 2),
      strides: ints(2, 2),
      pads: ints(...pads),
      ceil_mode: int(ceil),
      count_include_pad: int(countPadding),
    },
  }));

const CONCATS: readonly QCase[] = combinations({ type: TYPES, axis: [0, 1, -1] }).map(({ type, axis }) => ({
  op: 'QLinearConcat',
  inputs: [
    scales(0.027),
    zeroOf(type, 4),
    integers(type, [2, 3, 8]),
    scales(0.027),
    zeroOf(type, 4),
    integers(type, [2, 3, 8], 2),
    scales(0.041),
    zeroOf(type, -22),
  ],
  attributes: { axis: int(axis) },
}));

const GEMMS: readonly QCase[] = combinations({
  a: TYPES,
  transB: [0, 1],
  perColumn: [false, true],
  bias: ['none', 'row', 'matrix'],
  quantized: [true, false],
}).map(({ a, transB, perColumn, bias, quantized }) => ({
  op: 'QGemm',
  inputs: [
    integers(a, [4, 10]),
    scales(0.02),
    zeroOf(a, 31),
    integers('int8', transB ? [6, 10] : [10, 6], 2),
    perColumn ? scales(0.01, 0.02, 0.015, 0.03, 0.005, 0.007) : scales(0.013),
    perColumn ? zeros('int8', 0, 0, 0, 0, 0, 0) : zeros('int8', 0),
    bias === 'none' ? null : biasOf(bias === 'row' ? [6] : [4, 6], 2000, 3),
    ...(quantized ? [scales(0.4), zeroOf(a, -3)] : []),
  ],
  attributes: { transA: int(0), transB: int(transB), alpha: float(bias === 'row' ? 1.7 : 1) },
}));

const TRANSPOSED: QCase = {
  op: 'QGemm',
  inputs: [
    integers('uint8', [10, 4]),
    scales(0.02),
    zeros('uint8', 99),
    integers('int8', [10, 6], 2),
    scales(0.013),
    zeros('int8', -4),
    null,
    scales(0.4),
    zeros('uint8', 7),
  ],
  attributes: { transA: int(1), transB: int(0) },
};

const CASES = [...CONVS, ...MATMULS, ...ADDS, ...GLOBAL_POOLS, ...POOLS, ...CONCATS, ...GEMMS, TRANSPOSED];

describe('operators on 8 bit integers', () => {
  it('has cases for each', () => {
    expect([...new Set(CASES.map((c) => c.op))].sort()).toEqual(qLinearOps.map((op) => op.name).sort());
  });

  it.each(CASES.map((c, i) => [i, c.op, describeCase(c), c] as const))('%i %s %s', async (_, __, ___, c) => {
    const expected = await runQNode(c);
    const { facts, output } = evaluateQNode(c);
    const { dtype, shape } = expected;
    expect(facts[0]).toEqual({ dtype, shape });
    expect({ dtype: output.dtype, shape: output.shape }).toEqual({ dtype, shape });
    if (dtype === 'float32') {
      expect(relativeError(output, expected)).toBeLessThan(1e-6);
    } else {
      const differences = [...expected.data].map((q, i) => Math.abs(q - output.data[i]!));
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
      expect(differences.filter((each) => each > 0).length).toBeLessThanOrEqual(
        DIFFERING * differences.length,
      );
      expectSpread(expected);
    }
  });
});

function describeCase({ inputs, attributes = {} }: QCase): string {
  const shown = Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, value]));
  const types = inputs.map((value) => (value === null ? '-' : `${value.dtype}${value.shape.join('x')}`));
  return `${types.join(' ')} ${labelOf(shown)}`;
}

/** A comparison of tensors that are saturated almost everywhere would say little. */
function expectSpread({ data }: Tensor): void {
  const ends = [Math.min(...data), Math.max(...data)];
  expect([...data].filter((q) => !ends.includes(q)).length).toBeGreaterThan(data.length / 3);
}
