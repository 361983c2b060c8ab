// Nodes that are refused: by which code, and that the message says what was expected and what was found.
import { describe, expect, it } from 'vitest';
import { opNamed } from '../../src/ops/index.ts';
import type { Fact } from '../../src/ops/op.ts';
import { indexTensor, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { expectRefusal, type RefusedCase, running, weights } from './refused-case.ts';
import { constantFact, int, ints, nodeOf, string } from './single-node.ts';

const image = running(1, 4, 5, 5);
const matrix = running(1, 6);
const constant = (value: Tensor) => constantFact(value);
const index = (...values: number[]) => constant(indexTensor(values));
const computed = (length: number): Fact => ({ dtype: 'int64', shape: [length] });

const CASES: readonly RefusedCase[] = [
  ...(
    [
      ['Reshape', 'shape', [image, computed(2)]],
      ['Expand', 'shape', [image, computed(4)]],
      ['Squeeze', 'axes', [image, computed(1)]],
      ['Unsqueeze', 'axes', [image, computed(1)]],
      ['ReduceMean', 'axes', [image, computed(1)]],
      ['Pad', 'pads', [image, computed(8)]],
      ['Pad', 'constant_value', [image, index(0, 0, 0, 0, 0, 0, 0, 0), running()]],
      ['Pad', 'axes', [image, index(0, 0), null, computed(1)]],
      ['Slice', 'starts', [image, computed(1), index(1)]],
      ['Slice', 'ends', [image, index(1), computed(1)]],
      ['Slice', 'axes', [image, index(1), index(1), computed(1)]],
      ['Slice', 'steps', [image, index(0), index(1), null, computed(1)]],
      ['Dropout', 'training_mode', [image, null, { dtype: 'bool', shape: [] }]],
    ] as const
  ).map(
    ([op, what, inputs]): RefusedCase => ({
      op,
      why: `${what} computed from the data`,
      code: 'dynamic-shape',
      message: new RegExp(`expects its ${what} \\(input \\d.* to be constant, found it computed`),
      inputs,
      opset: 18,
    }),
  ),
  {
    op: 'ConstantOfShape',
    why: 'shape computed',
    code: 'dynamic-shape',
    message: /constant shape/,
    inputs: [computed(2)],
  },
  {
    op: 'Range',
    why: 'limit computed',
    code: 'dynamic-shape',
    message: /constant limit/,
    inputs: [
      constant(tensor('int64', [], [0])),
      { dtype: 'int64', shape: [] },
      constant(tensor('int64', [], [1])),
    ],
  },
  {
    op: 'BatchNormalization',
    why: 'training_mode',
    code: 'unsupported-attribute',
    message: /found training_mode=1/,
    inputs: [image, weights(4), weights(4), weights(4), weights(4)],
    attributes: { training_mode: int(1) },
    opset: 15,
  },
  {
    op: 'BatchNormalization',
    why: 'statistics as outputs',
    code: 'unsupported-attribute',
    message: /found also mean, var/,
    inputs: [image, weights(4), weights(4), weights(4), weights(4)],
    outputs: ['out0', 'mean', 'var'],
  },
  {
    op: 'BatchNormalization',
    why: 'statistics per element',
    code: 'unsupported-attribute',
    message: /spatial=0/,
    inputs: [image, weights(4), weights(4), weights(4), weights(4)],
    attributes: { spatial: int(0) },
    opset: 7,
  },
  {
    op: 'BatchNormalization',
    why: 'statistics of other channels',
    code: 'shape-mismatch',
    message: /of \[4\] for \[1, 4, 5, 5\], found \[4\], \[4\], \[3\], \[4\]/,
    inputs: [image, weights(4), weights(4), weights(3), weights(4)],
  },
  {
    op: 'Dropout',
    why: 'training mode',
    code: 'unsupported-attribute',
    message: /eval mode/,
    inputs: [image, null, constant(tensor('bool', [], [1]))],
  },
  {
    op: 'Pad',
    why: 'reflection',
    code: 'unsupported-attribute',
    message: /mode "constant", found "reflect"/,
    inputs: [image, index(0, 0, 1, 1, 0, 0, 1, 1)],
    attributes: { mode: string('reflect') },
  },
  {
    op: 'Pad',
    why: 'too few pads',
    code: 'invalid-graph',
    message: /8 pads for 4 axes, found 2/,
    inputs: [image, index(1, 1)],
  },
  {
    op: 'Pad',
    why: 'cutting off more than there is',
    code: 'shape-mismatch',
    message: /leave something of \[1, 4, 5, 5\]/,
    inputs: [image, index(0, 0, -6, 0, 0, 0, 0, 0)],
  },
  {
    op: 'Add',
    why: 'a legacy axis inside',
    code: 'unsupported-attribute',
    message: /axis 3, where \[4\] ends with \[1, 4, 5, 5\]; found axis 1/,
    inputs: [image, weights(4)],
    attributes: { broadcast: int(1), axis: int(1) },
    opset: 6,
  },
  {
    op: 'Add',
    why: 'shapes that do not broadcast',
    code: 'shape-mismatch',
    message: /found \[1, 4, 5, 5\] and \[4\]/,
    inputs: [image, weights(4)],
  },
  {
    op: 'Mul',
    why: 'mixed types',
    code: 'unsupported-type',
    message: /found float32, int64/,
    inputs: [image, index(2)],
  },
  {
    op: 'Div',
    why: 'an integer divided by 0',
    code: 'invalid-graph',
    message: /other than 0/,
    inputs: [index(4, 2), index(2, 0)],
  },
  {
    op: 'Sum',
    why: 'integers',
    code: 'unsupported-type',
    message: /found int64/,
    inputs: [index(4, 2)],
  },
  {
    op: 'Gemm',
    why: 'another K',
    code: 'shape-mismatch',
    message: /found \[1, 6\] and \[6, 3\] transposed/,
    inputs: [matrix, weights(6, 3)],
    attributes: { transB: int(1) },
  },
  {
    op: 'Gemm',
    why: 'a C that is larger',
    code: 'shape-mismatch',
    message: /C to broadcast to \[1, 3\], found \[2, 3\]/,
    inputs: [matrix, weights(6, 3), weights(2, 3)],
  },
  {
    op: 'MatMul',
    why: 'another K',
    code: 'shape-mismatch',
    message: /found \[1, 6\] and \[3, 6\]/,
    inputs: [matrix, weights(3, 6)],
  },
  {
    op: 'Reshape',
    why: 'another size',
    code: 'shape-mismatch',
    message: /100 elements for \[1, 4, 5, 5\], found \[1, 99\]/,
    inputs: [image, index(1, 99)],
  },
  {
    op: 'Reshape',
    why: 'two unknowns',
    code: 'invalid-graph',
    message: /at most one -1/,
    inputs: [image, index(-1, -1)],
  },
  {
    op: 'Reshape',
    why: 'a 0 beyond the operand',
    code: 'shape-mismatch',
    message: /found \[1, 4, 5, 5, 0\]/,
    inputs: [image, index(1, 4, 5, 5, 0)],
  },
  {
    op: 'Squeeze',
    why: 'an axis of another size',
    code: 'shape-mismatch',
    message: /axes 1 to be of size 1/,
    inputs: [image, index(1)],
  },
  {
    op: 'Unsqueeze',
    why: 'an axis twice',
    code: 'invalid-graph',
    message: /different axes/,
    inputs: [matrix, index(0, -4)],
  },
  {
    op: 'Transpose',
    why: 'no permutation',
    code: 'shape-mismatch',
    message: /permutation of 2 axes for \[1, 6\], found 0, 0/,
    inputs: [matrix],
    attributes: { perm: ints(0, 0) },
  },
  {
    op: 'Concat',
    why: 'other sizes beside the axis',
    code: 'shape-mismatch',
    message: /differ in axis 1 only, found float32 \[1, 4, 5, 5\], float32 \[1, 4, 5, 6\]/,
    inputs: [image, running(1, 4, 5, 6)],
    attributes: { axis: int(1) },
  },
  {
    op: 'Flatten',
    why: 'an axis out of range',
    code: 'invalid-graph',
    message: /axis from -2 to 1, found 3/,
    inputs: [matrix],
    attributes: { axis: int(3) },
  },
  {
    op: 'Gather',
    why: 'an index out of range',
    code: 'shape-mismatch',
    message: /from -6 to 5 on axis 1, found 6/,
    inputs: [matrix, index(0, 6)],
    attributes: { axis: int(1) },
  },
  {
    op: 'Slice',
    why: 'a step of 0',
    code: 'invalid-graph',
    message: /none of them 0/,
    inputs: [image, index(0), index(1), index(2), index(0)],
  },
  {
    op: 'Softmax',
    why: 'several axes together',
    code: 'unsupported-attribute',
    message: /axis 1 of \[1, 4, 5, 5\], which normalises all/,
    inputs: [image],
    opset: 11,
  },
  {
    op: 'LogSoftmax',
    why: 'the images of a batch together',
    code: 'unsupported-attribute',
    message: /axis 0 of \[1, 6\]/,
    inputs: [matrix],
    attributes: { axis: int(0) },
    opset: 9,
  },
  {
    op: 'ReduceMean',
    why: 'nothing to do',
    code: 'unsupported-attribute',
    message: /noop_with_empty_axes=1/,
    inputs: [image],
    attributes: { noop_with_empty_axes: int(1) },
    opset: 18,
  },
  {
    op: 'Cast',
    why: 'strings',
    code: 'unsupported-type',
    message: /found string/,
    inputs: [image],
    attributes: { to: int(8) },
  },
  { op: 'Constant', why: 'no value', code: 'invalid-graph', message: /found 0 of them/, inputs: [] },
  {
    op: 'Constant',
    why: 'a string',
    code: 'unsupported-attribute',
    message: /found value_string/,
    inputs: [],
    attributes: { value_string: string('no') },
  },
  {
    op: 'Relu',
    why: 'unsigned numbers',
    code: 'unsupported-type',
    message: /found uint8/,
    inputs: [{ dtype: 'uint8', shape: [2] }],
  },
];

describe('refused nodes', () => {
  it.each(CASES.map((c) => [c.op, c.why, c] as const))('%s: %s', (_, __, c) => expectRefusal(c));

  it('reads legacy broadcasts that align at the end', () => {
    const node = nodeOf('Add', [image, null], {
      broadcast: int(1),
      axis: int(2),
      consumed_inputs: ints(0, 0),
    });
    const inputs = [image, weights(5, 5)];
    expect(opNamed('Add')!.parse({ ...node, inputs: ['a', 'b'] }, inputs, 6)).toEqual({
      attributes: {},
      operands: [0, 1],
    });
  });
});
