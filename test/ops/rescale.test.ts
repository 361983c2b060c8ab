// Constants in other units: carried values in, carried values out, and the ANN's values are what they were.
import { describe, expect, it } from 'vitest';
import { ops } from '../../src/ops/index.ts';
import { type Unit, unitAt } from '../../src/ops/unit.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { type AttributeRecord, int, ints, nodeOf, randomTensor as random, runNode } from './single-node.ts';

/** The value of each channel (axis 1) divided by, or times, its unit. */
function inUnits(value: Tensor, unit: Unit, change: (v: number, u: number) => number): FloatTensor {
  const [, channels, ...rest] = value.shape as [number, number, ...number[]];
  const area = sizeOf(rest);
  return floatTensor(
    value.shape,
    Float32Array.from(value.data, (v, i) => change(v, unitAt(unit, Math.floor(i / area) % channels))),
  );
}

interface Case {
  readonly op: string;
  readonly input: Shape;
  readonly constants: readonly Tensor[];
  readonly attributes?: AttributeRecord;
  readonly from: Unit;
  readonly to: Unit;
}

const CONV = { input: [2, 4, 5, 5], constants: [random([6, 4, 3, 3]), random([6], 2)] } as const;
const GROUPS = { input: [2, 4, 5, 5], constants: [random([6, 2, 2, 2]), random([6], 2)] } as const;
const CASES: readonly Case[] = [
  { op: 'Conv', ...CONV, from: 0.5, to: 3 },
  {
    op: 'Conv',
    ...CONV,
    from: [1, 2, 3, 4],
    to: [0.5, 1, 2, 3, 4, 5],
    attributes: { pads: ints(1, 0, 2, 1) },
  },
  { op: 'Conv', ...GROUPS, from: [1, 2, 3, 4], to: 2, attributes: { group: int(2) } },
  { op: 'Conv', ...GROUPS, from: 2, to: [0.5, 1, 2, 3, 4, 5], attributes: { group: int(2) } },
  {
    op: 'Conv',
    input: [2, 2, 7],
    constants: [random([3, 2, 3]), random([3], 2)],
    from: [1, 2],
    to: [3, 4, 5],
  },
  {
    op: 'Conv',
    input: [1, 2, 3, 4, 3],
    constants: [random([3, 2, 2, 2, 1]), random([3], 2)],
    from: [1, 2],
    to: [3, 4, 5],
  },
  {
    op: 'ConvTranspose',
    input: [2, 4, 3, 3],
    constants: [random([4, 3, 3, 2]), random([6], 2)],
    attributes: { group: int(2), strides: ints(2, 1) },
    from: [1, 2, 3, 4],
    to: [0.5, 1, 2, 3, 4, 5],
  },
  {
    op: 'ConvTranspose',
    input: [2, 2, 5],
    constants: [random([2, 3, 3])],
    from: [1, 2],
    to: [3, 4, 5],
  },
  {
    op: 'ConvTranspose',
    input: [1, 2, 2, 3, 2],
    constants: [random([2, 3, 2, 1, 2]), random([3], 2)],
    from: 2,
    to: [3, 4, 5],
  },
  { op: 'Gemm', input: [3, 4], constants: [random([4, 2]), random([2], 3)], from: [1, 2, 3, 4], to: [5, 6] },
  {
    op: 'Gemm',
    input: [3, 4],
    constants: [random([2, 4])],
    attributes: { transB: int(1) },
    from: [1, 2, 3, 4],
    to: [5, 6],
  },
  { op: 'MatMul', input: [3, 4], constants: [random([4, 2])], from: 2, to: 0.25 },
  { op: 'Mul', input: [2, 3, 4, 4], constants: [random([3, 1, 1])], from: [1, 2, 3], to: [4, 5, 6] },
  { op: 'Mul', input: [2, 3, 4, 4], constants: [random([])], from: 2, to: [4, 5, 6] },
  { op: 'Add', input: [2, 3, 4, 4], constants: [random([1, 3, 1, 1])], from: [4, 5, 6], to: [4, 5, 6] },
  { op: 'Add', input: [2, 3, 4, 4], constants: [random([4])], from: 2, to: 2 },
];

const times = (v: number, u: number) => v * u;
const over = (v: number, u: number) => v / u;

describe('rescale', () => {
  it('has a case for every operator that has it', () => {
    const names = ops.filter((op) => 'rescale' in op).map((op) => op.name);
    expect([...new Set(CASES.map(({ op }) => op))].sort()).toEqual(names.sort());
  });

  it.each(CASES.map((c, i) => [`${c.op} (case ${i})`, c] as const))('%s keeps the function', (_, c) => {
    const x = random(c.input, 7);
    const inputs = [x, ...c.constants];
    const { op, attributes, outputs } = runNode(nodeOf(c.op, inputs, c.attributes ?? {}), inputs, 13);
    // With K = 1 a window is one step, and all of a bias flows in it.
    const units = { from: c.from, to: c.to, K: 1 };
    const rescaled = op.rescale!(attributes, c.constants, units, outputs[0]!.shape.slice(1));
    const carried = op.evaluate(attributes, [inUnits(x, c.from, over), ...rescaled])[0]!;
    const decoded = inUnits(carried, c.to, times);
    for (const [i, value] of decoded.data.entries()) expect(value).toBeCloseTo(outputs[0]!.data[i]!, 4);
  });

  it('spreads what is added over the window', () => {
    const constants = [random([2, 3]), random([2], 2)];
    const inputs = [random([1, 3]), ...constants];
    const { op, attributes } = runNode(nodeOf('Gemm', inputs, { transB: int(1) }), inputs, 13);
    const bias = (K: number) => op.rescale!(attributes, constants, { from: 1, to: 4, K }, [2])[1]!.data;
    expect(Array.from(bias(10), (v) => v * 40)).toEqual(
      Array.from(constants[1]!.data, (v) => expect.closeTo(v, 5)),
    );
  });
});
