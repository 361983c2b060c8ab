// Every operator but those with a grid of their own (windows.test.ts, resize.test.ts ...) against ONNX Runtime: as read at its opset, and as written back.
import { describe, expect, it } from 'vitest';
import type { AttributeValue } from '../../src/onnx/model.ts';
import { activationOps, opNamed, ops, qLinearOps } from '../../src/ops/index.ts';
import { indexTensor, tensor } from '../../src/tensor/tensor.ts';
import { expectAsInOnnxRuntime, type NodeCase } from './node-case.ts';
import { float, int, ints, randomTensor as random, string } from './single-node.ts';

const index = (...values: number[]) => indexTensor(values);
const scalar = (value: number) => tensor('int64', [], [value]);
const positive = (shape: readonly number[], seed: number) => {
  const source = random(shape, seed);
  return { ...source, data: source.data.map((v) => v + 1.5) };
};
const TO_THE_END = Number.MAX_SAFE_INTEGER;
const x = random([2, 3, 4, 5]);
const matrix: AttributeValue = { type: 'tensor', value: random([2, 2]) };

const CASES: readonly NodeCase[] = [
  ...['Add', 'Sub', 'Mul', 'Div'].flatMap((op): NodeCase[] => [
    { op, opset: 7, inputs: [x, random([3, 1, 1], 2)] },
    { op, opset: 13, inputs: [random([4, 1]), random([2, 1, 5], 2)] },
    { op, opset: 14, inputs: [random([]), x] },
    { op, opset: 14, inputs: [tensor('int64', [4], [7, -7, 9, -3]), tensor('int64', [4], [2, 2, -2, 5])] },
    {
      op,
      opset: 14,
      inputs: [tensor('int32', [3], [7, -7, 2000000011]), tensor('int32', [3], [2, 3, 1999999999])],
    },
    { op, opset: 14, inputs: [tensor('uint8', [3], [7, 200, 255]), tensor('uint8', [3], [9, 100, 254])] },
  ]),
  { op: 'Sum', opset: 8, inputs: [x, random([5], 2), random([3, 1, 5], 3)] },
  { op: 'Sum', opset: 13, inputs: [x] },
  { op: 'Relu', opset: 13, inputs: [x] },
  { op: 'Relu', opset: 14, inputs: [tensor('int32', [3], [-2, 0, 3])] },
  { op: 'Identity', opset: 13, inputs: [x] },
  { op: 'Dropout', opset: 7, inputs: [x], attributes: { ratio: float(0.3) } },
  { op: 'Dropout', opset: 13, inputs: [x, random([], 3), tensor('bool', [], [0])] },
  {
    op: 'BatchNormalization',
    opset: 9,
    inputs: [x, random([3], 2), random([3], 3), random([3], 4), positive([3], 5)],
  },
  {
    op: 'BatchNormalization',
    opset: 15,
    inputs: [random([2, 3]), random([3], 2), random([3], 3), random([3], 4), positive([3], 5)],
    attributes: { epsilon: float(0.1) },
  },
  { op: 'GlobalAveragePool', opset: 7, inputs: [x] },
  { op: 'GlobalAveragePool', opset: 13, inputs: [random([1, 2, 3])] },
  { op: 'ReduceMean', opset: 11, inputs: [x] },
  { op: 'ReduceMean', opset: 13, inputs: [x], attributes: { axes: ints(2, -1), keepdims: int(0) } },
  { op: 'ReduceMean', opset: 18, inputs: [x, index(1, -2)] },
  { op: 'ReduceMean', opset: 18, inputs: [x, index()], attributes: { keepdims: int(0) } },
  { op: 'Gemm', opset: 7, inputs: [random([2, 3]), random([3, 4], 2), random([4], 3)] },
  {
    op: 'Gemm',
    opset: 11,
    inputs: [random([3, 2]), random([4, 3], 2), random([2, 1], 3)],
    attributes: { alpha: float(0.5), beta: float(-2), transA: int(1), transB: int(1) },
  },
  { op: 'Gemm', opset: 13, inputs: [random([2, 3]), random([3, 4], 2)], attributes: { alpha: float(3) } },
  { op: 'MatMul', opset: 13, inputs: [random([2, 3]), random([3, 4], 2)] },
  { op: 'MatMul', opset: 13, inputs: [random([2, 1, 2, 3]), random([5, 3, 4], 2)] },
  { op: 'MatMul', opset: 13, inputs: [random([3]), random([2, 3, 4], 2)] },
  { op: 'MatMul', opset: 13, inputs: [random([2, 4, 3]), random([3], 2)] },
  { op: 'Softmax', opset: 11, inputs: [random([2, 5])] },
  { op: 'Softmax', opset: 11, inputs: [random([2, 5, 1, 1])], attributes: { axis: int(1) } },
  { op: 'Softmax', opset: 11, inputs: [x], attributes: { axis: int(-1) } },
  { op: 'Softmax', opset: 13, inputs: [x], attributes: { axis: int(1) } },
  { op: 'LogSoftmax', opset: 9, inputs: [random([2, 1, 5])], attributes: { axis: int(1) } },
  { op: 'LogSoftmax', opset: 13, inputs: [x] },
  { op: 'LogSoftmax', opset: 13, inputs: [x], attributes: { axis: int(0) } },
  { op: 'Concat', opset: 11, inputs: [x, random([2, 1, 4, 5], 2), x], attributes: { axis: int(1) } },
  { op: 'Concat', opset: 13, inputs: [index(1, 2), index(3)], attributes: { axis: int(-1) } },
  { op: 'Flatten', opset: 9, inputs: [x] },
  { op: 'Flatten', opset: 13, inputs: [x], attributes: { axis: int(4) } },
  { op: 'Flatten', opset: 13, inputs: [x], attributes: { axis: int(0) } },
  { op: 'Reshape', opset: 8, inputs: [x, index(0, -1, 10)] },
  {
    op: 'Reshape',
    opset: 14,
    inputs: [tensor('float32', [2, 0]), index(0, 3)],
    attributes: { allowzero: int(1) },
  },
  { op: 'Squeeze', opset: 11, inputs: [random([1, 3, 1])], attributes: { axes: ints(-1) } },
  { op: 'Squeeze', opset: 13, inputs: [random([1, 3, 1]), index(0)] },
  { op: 'Squeeze', opset: 13, inputs: [random([1, 3, 1])] },
  { op: 'Unsqueeze', opset: 11, inputs: [random([3, 4])], attributes: { axes: ints(1, -1) } },
  { op: 'Unsqueeze', opset: 13, inputs: [random([3, 4]), index(3, 0)] },
  { op: 'Transpose', opset: 13, inputs: [x] },
  { op: 'Transpose', opset: 13, inputs: [x], attributes: { perm: ints(2, 0, 3, 1) } },
  { op: 'Expand', opset: 13, inputs: [random([3, 1]), index(2, 1, 4)] },
  {
    op: 'Gather',
    opset: 13,
    inputs: [x, tensor('int64', [2, 2], [0, -1, 3, 2])],
    attributes: { axis: int(2) },
  },
  { op: 'Gather', opset: 11, inputs: [x, scalar(1)] },
  {
    op: 'Pad',
    opset: 10,
    inputs: [x],
    attributes: { pads: ints(0, 0, 1, 2, 0, 0, 3, 0), value: float(0.5) },
  },
  {
    op: 'Pad',
    opset: 13,
    inputs: [x, index(0, 1, -1, 2, 1, 0, 0, -3)],
    attributes: { mode: string('constant') },
  },
  { op: 'Pad', opset: 18, inputs: [x, index(1, 2, 0, -1), random([], 9), index(-1, 1)] },
  {
    op: 'Slice',
    opset: 9,
    inputs: [x],
    attributes: { starts: ints(1, -3), ends: ints(9, 4), axes: ints(1, 3) },
  },
  { op: 'Slice', opset: 9, inputs: [x], attributes: { starts: ints(1, 1), ends: ints(9, 2) } },
  { op: 'Slice', opset: 13, inputs: [x, index(4, 0), index(-100, TO_THE_END), index(-1, 2), index(-2, 3)] },
  { op: 'Slice', opset: 13, inputs: [x, index(TO_THE_END), index(-TO_THE_END), index(3), index(-1)] },
  { op: 'Slice', opset: 11, inputs: [x, index(3), index(1), index(2)] },
  { op: 'Shape', opset: 13, inputs: [x] },
  { op: 'Shape', opset: 15, inputs: [x], attributes: { start: int(-3), end: int(-1) } },
  { op: 'ConstantOfShape', opset: 9, inputs: [index(2, 3)] },
  {
    op: 'ConstantOfShape',
    opset: 13,
    inputs: [index(2, 0)],
    attributes: { value: { type: 'tensor', value: index(7) } },
  },
  { op: 'Constant', opset: 9, inputs: [], attributes: { value: matrix } },
  { op: 'Constant', opset: 12, inputs: [], attributes: { value_float: float(0.5) } },
  {
    op: 'Constant',
    opset: 12,
    inputs: [],
    attributes: { value_floats: { type: 'floats', value: [0.5, 2] } },
  },
  { op: 'Constant', opset: 13, inputs: [], attributes: { value_int: int(-4) } },
  { op: 'Constant', opset: 13, inputs: [], attributes: { value_ints: ints(3, 4) } },
  { op: 'Range', opset: 11, inputs: [scalar(7), scalar(-2), scalar(-2)] },
  { op: 'Range', opset: 11, inputs: [random([], 1), random([], 5), random([], 4)] },
  { op: 'Cast', opset: 9, inputs: [tensor('float32', [3], [-1.7, 0.2, 3.9])], attributes: { to: int(7) } },
  { op: 'Cast', opset: 13, inputs: [tensor('float32', [3], [-1.7, 0, 3.9])], attributes: { to: int(9) } },
  { op: 'Cast', opset: 19, inputs: [index(1, -2)], attributes: { to: int(1), saturate: int(1) } },
  { op: 'Clip', opset: 6, inputs: [x], attributes: { min: float(-0.25), max: float(0.5) } },
  { op: 'Clip', opset: 6, inputs: [x], attributes: { max: float(0.5) } },
  { op: 'Clip', opset: 13, inputs: [x, tensor('float32', [], [0.25])] },
  { op: 'Clip', opset: 13, inputs: [x, null, tensor('float32', [], [0.25])] },
  {
    op: 'Split',
    opset: 2,
    inputs: [x],
    attributes: { axis: int(2), split: ints(1, 3) },
    outputs: ['a', 'b'],
  },
  { op: 'Split', opset: 11, inputs: [x], attributes: { axis: int(-2) }, outputs: ['a', 'b'] },
  { op: 'Split', opset: 13, inputs: [x], outputs: ['a', 'b'] },
  {
    op: 'Split',
    opset: 13,
    inputs: [x, index(1, 0, 4)],
    attributes: { axis: int(3) },
    outputs: ['a', 'b', 'c'],
  },
  {
    op: 'Split',
    opset: 18,
    inputs: [x],
    attributes: { axis: int(3), num_outputs: int(3) },
    outputs: ['a', 'b', 'c'],
  },
  { op: 'Neg', opset: 13, inputs: [x] },
  { op: 'Neg', opset: 13, inputs: [index(3, -4)] },
  { op: 'Mean', opset: 8, inputs: [x, random([5], 2), random([3, 1, 5], 3)] },
  { op: 'Mean', opset: 13, inputs: [x] },
  { op: 'GlobalMaxPool', opset: 7, inputs: [x] },
  { op: 'GlobalMaxPool', opset: 13, inputs: [random([1, 2, 3])] },
  { op: 'GlobalMaxPool', opset: 13, inputs: [random([1, 2, 3, 4, 2])] },
  { op: 'ReduceMax', opset: 11, inputs: [x], attributes: { axes: ints(2, 3) } },
  { op: 'ReduceMax', opset: 13, inputs: [x], attributes: { axes: ints(-3, 2), keepdims: int(0) } },
  { op: 'ReduceMax', opset: 18, inputs: [x, index(-1)] },
  { op: 'ReduceMax', opset: 18, inputs: [tensor('int64', [1, 3], [4, -2, 7]), index(1)] },
  { op: 'ReduceMin', opset: 13, inputs: [x], attributes: { axes: ints(0, 2) } },
  { op: 'ReduceMin', opset: 18, inputs: [x] },
  { op: 'ReduceSum', opset: 11, inputs: [x], attributes: { axes: ints(2, -1), keepdims: int(0) } },
  { op: 'ReduceSum', opset: 11, inputs: [x] },
  { op: 'ReduceSum', opset: 13, inputs: [x, index(1, -2)] },
  { op: 'ReduceSum', opset: 13, inputs: [x], attributes: { keepdims: int(0) } },
  { op: 'ReduceSum', opset: 13, inputs: [x, index()], attributes: { noop_with_empty_axes: int(1) } },
  { op: 'ReduceSum', opset: 13, inputs: [index(3, 4, 5), index(0)] },
  { op: 'DepthToSpace', opset: 7, inputs: [random([2, 8, 2, 3])], attributes: { blocksize: int(2) } },
  {
    op: 'DepthToSpace',
    opset: 13,
    inputs: [random([2, 18, 2, 3])],
    attributes: { blocksize: int(3), mode: string('CRD') },
  },
  { op: 'SpaceToDepth', opset: 13, inputs: [random([2, 3, 4, 6])], attributes: { blocksize: int(2) } },
  { op: 'Expand', opset: 13, inputs: [random([2, 1, 3]), index(1, 4, 3)] },
  { op: 'Expand', opset: 8, inputs: [x, index(1)] },
  { op: 'Size', opset: 13, inputs: [x] },
  ...['Ceil', 'Exp', 'Floor', 'Reciprocal'].map((op): NodeCase => ({ op, opset: 13, inputs: [x] })),
  { op: 'Abs', opset: 13, inputs: [index(3, -4, 0)] },
  { op: 'Round', opset: 11, inputs: [tensor('float32', [6], [-2.5, -1.5, -0.4, 0.5, 1.5, 2.6])] },
  { op: 'Log', opset: 13, inputs: [positive([7], 3)] },
  { op: 'Sqrt', opset: 13, inputs: [positive([7], 3)] },
  { op: 'Not', opset: 9, inputs: [tensor('bool', [2], [0, 1])] },
  ...['And', 'Or', 'Xor'].map(
    (op): NodeCase => ({
      op,
      opset: 7,
      inputs: [tensor('bool', [2, 1], [0, 1]), tensor('bool', [2], [0, 1])],
    }),
  ),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map(
    (op): NodeCase => ({ op, opset: 13, inputs: [index(1, 2, 3), tensor('int64', [2, 1], [2, 3])] }),
  ),
  { op: 'Equal', opset: 13, inputs: [x, random([5], 2)] },
  { op: 'Max', opset: 13, inputs: [x, random([5], 2), random([3, 1, 5], 3)] },
  { op: 'Max', opset: 13, inputs: [index(1, 5), index(3, 2)] },
  { op: 'Min', opset: 8, inputs: [x, random([5], 2)] },
  { op: 'Min', opset: 13, inputs: [x] },
  { op: 'Pow', opset: 13, inputs: [positive([2, 3], 4), random([3], 2)] },
  { op: 'Pow', opset: 13, inputs: [index(3, -2), tensor('float32', [], [2])] },
  {
    op: 'Where',
    opset: 9,
    inputs: [tensor('bool', [3, 1], [1, 0, 1]), index(1, 2), tensor('int64', [], [-1])],
  },
  { op: 'Mod', opset: 13, inputs: [index(7, -7, 7, -7), index(3, 3, -3, -3)] },
  { op: 'Mod', opset: 13, inputs: [x, random([5], 2)], attributes: { fmod: int(1) } },
  {
    op: 'GatherElements',
    opset: 13,
    inputs: [random([3, 4]), tensor('int64', [3, 2], [0, -1, 3, 2, 1, 1])],
    attributes: { axis: int(1) },
  },
  {
    op: 'GatherElements',
    opset: 11,
    inputs: [random([3, 4]), tensor('int64', [2, 4], [0, 1, 2, 0, -1, -2, 1, 1])],
  },
  { op: 'LRN', opset: 7, inputs: [random([2, 5, 3, 2])], attributes: { size: int(3) } },
  {
    op: 'LRN',
    opset: 13,
    inputs: [random([2, 7, 3, 2])],
    attributes: { size: int(5), alpha: float(0.3), beta: float(0.6), bias: float(2) },
  },
  { op: 'InstanceNormalization', opset: 7, inputs: [x, random([3], 2), random([3], 3)] },
  {
    op: 'InstanceNormalization',
    opset: 13,
    inputs: [random([2, 3, 7]), random([3], 2), random([3], 3)],
    attributes: { epsilon: float(0.1) },
  },
  { op: 'LayerNormalization', opset: 17, inputs: [x, random([5], 2), random([5], 3)] },
  {
    op: 'LayerNormalization',
    opset: 17,
    inputs: [x, random([3, 4, 5], 2)],
    attributes: { axis: int(1), epsilon: float(0.01), stash_type: int(1) },
  },
  { op: 'MeanVarianceNormalization', opset: 9, inputs: [x] },
  { op: 'MeanVarianceNormalization', opset: 13, inputs: [x], attributes: { axes: ints(2, 3) } },
];

const TESTED_ELSEWHERE = [
  'AveragePool',
  'Conv',
  'ConvTranspose',
  'MaxPool',
  'Resize',
  'Upsample',
  ...qLinearOps.map((op) => op.name),
  ...activationOps.map((op) => op.name),
  'Erf',
  'ConvInteger',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'FakeQuantize',
  'MatMulInteger',
  'QuantizeLinear',
];

describe('operators against ONNX Runtime', () => {
  it('has a case for every operator', () => {
    const names = new Set([...CASES.map((c) => c.op), ...TESTED_ELSEWHERE]);
    expect(ops.map((op) => op.name as string).sort()).toEqual([...names].sort());
    expect(opNamed('Conv')).toBe(ops.find((op) => op.name === 'Conv'));
    expect(opNamed('conv')).toBeUndefined();
  });

  it.each(CASES.map((c, i) => [`${c.op} of opset ${c.opset} (case ${i})`, c] as const))('%s', (_, c) =>
    expectAsInOnnxRuntime(c),
  );
});
