// Operators on 8 bit integers that are refused, and what may be left out.
import { describe, expect, it } from 'vitest';
import { opNamed } from '../../src/ops/index.ts';
import type { Fact } from '../../src/ops/op.ts';
import type { QLinearAttributes } from '../../src/ops/q-linear.ts';
import { type DType, floatTensor, type Shape, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { biasOf, evaluateQNode, integers, scales, zeros } from './q-node.ts';
import { expectRefusal, type RefusedCase } from './refused-case.ts';
import { constantFact, int, nodeOf } from './single-node.ts';

const fact = (value: Tensor) => constantFact(value);
const scale = fact(scales(0.5));
const zero = fact(zeros('uint8', 3));
const image: Fact = { dtype: 'uint8', shape: [1, 4, 5, 5] };
const computed = (dtype: DType, shape: Shape): Fact => ({ dtype, shape });
const kernel = fact(integers('int8', [8, 4, 1, 1]));

/** The inputs of a QLinearConv, some of them others. */
function convInputs(others: Readonly<Record<number, Fact | null>>): readonly (Fact | null)[] {
  const inputs = [
    image,
    scale,
    zero,
    kernel,
    scale,
    fact(zeros('int8', 0)),
    scale,
    zero,
    fact(biasOf([8], 9)),
  ];
  return inputs.map((input, i) => (others[i] === undefined ? input : others[i]));
}

const CONVS = (
  [
    ['a scale of 0', 'invalid-graph', /scales of x above 0, found 0/, { 1: fact(scales(0)) }],
    ['a negative scale', 'invalid-graph', /scales of its weights above 0, found -1/, { 4: fact(scales(-1)) }],
    [
      'an endless scale',
      'invalid-graph',
      /of its result above 0, found Infinity/,
      { 6: fact(scales(1 / 0)) },
    ],
    [
      'a computed scale',
      'dynamic-shape',
      /constant scale of x, found it comp/,
      { 1: computed('float32', []) },
    ],
    [
      'a computed zero point',
      'dynamic-shape',
      /constant zero point of its result, found it computed/,
      { 7: computed('uint8', []) },
    ],
    [
      'a whole scale',
      'invalid-graph',
      /floating point scale of x, found int32/,
      { 1: fact(zeros('int32', 1)) },
    ],
    [
      'a zero point of another type',
      'unsupported-type',
      /zero point of x of type uint8, found int8/,
      { 2: fact(zeros('int8', 3)) },
    ],
    [
      'a zero point of the weights of another type',
      'unsupported-type',
      /zero point of its weights of type int8, found uint8/,
      { 5: zero },
    ],
    [
      'a zero point outside its type',
      'invalid-graph',
      /zero points of x from 0 to 255 \(uint8\), found 300/,
      { 2: fact({ dtype: 'uint8', shape: [], data: Float64Array.of(300) }) },
    ],
    [
      'a result of 16 bits',
      'unsupported-type',
      /its result of type int8 or uint8, found int16/,
      { 7: fact(zeros('int16', 3)) },
    ],
    [
      'scales of other channels',
      'invalid-graph',
      /8 scales of its weights along axis 0 of \[8, 4, 1, 1\], found 3/,
      { 4: fact(scales(1, 2, 3)) },
    ],
    [
      'other zero points than scales',
      'invalid-graph',
      /as many zero points of its weights as scales, 2, found 8/,
      { 4: fact(scales(1, 2)), 5: fact(tensor('int8', [8])) },
    ],
    [
      'several scales of x',
      'shape-mismatch',
      /one scale and one zero point of x, found 2/,
      { 1: fact(scales(1, 2)) },
    ],
    [
      'several scales of the result',
      'shape-mismatch',
      /one scale and one zero point of its result, found 2/,
      { 6: fact(scales(1, 2)) },
    ],
    [
      'floats',
      'unsupported-type',
      /expects x of type int8 or uint8, found float32/,
      { 0: fact(floatTensor([1, 4, 5, 5])) },
    ],
    [
      'a bias of floats',
      'unsupported-type',
      /a bias of type int32, found float32/,
      { 8: fact(floatTensor([8])) },
    ],
    [
      'a bias of other channels',
      'shape-mismatch',
      /a bias of 8 numbers, one for each scale of its weights, found \[7\]/,
      { 4: fact(floatTensor([8], new Float32Array(8).fill(1))), 8: fact(biasOf([7], 9)) },
    ],
    ['no weights', 'invalid-graph', /expects 8 to 9 inputs, found 8/, { 3: null }],
    ['other channels', 'shape-mismatch', /\[1, 5, 5, 5\]/, { 0: { dtype: 'uint8', shape: [1, 5, 5, 5] } }],
  ] as const
).map(
  ([why, code, message, others]): RefusedCase => ({
    op: 'QLinearConv',
    why,
    code,
    message,
    inputs: convInputs(others),
  }),
);

const matrix = fact(integers('uint8', [2, 6]));

const CASES: readonly RefusedCase[] = [
  ...CONVS,
  {
    op: 'QLinearAdd',
    why: 'floats',
    code: 'unsupported-type',
    message: /expects a of type int8 or uint8, found float32/,
    inputs: [fact(floatTensor([2, 6])), scale, null, matrix, scale, zero, scale, zero],
  },
  {
    op: 'QLinearMatMul',
    why: 'a scale for each row',
    code: 'shape-mismatch',
    message: /one scale and one zero point of a, found 2/,
    inputs: [matrix, fact(scales(1, 2)), zero, fact(integers('uint8', [6, 3])), scale, zero, scale, zero],
  },
  {
    op: 'QLinearMatMul',
    why: 'scales of other columns',
    code: 'invalid-graph',
    message: /3 scales of b along axis 1 of \[6, 3\], found 6/,
    inputs: [
      matrix,
      scale,
      zero,
      fact(integers('uint8', [6, 3])),
      fact(scales(1, 2, 3, 4, 5, 6)),
      zero,
      scale,
      zero,
    ],
  },
  {
    op: 'QLinearAdd',
    why: 'no second operand',
    code: 'invalid-graph',
    message: /expects b as input 3, found none/,
    inputs: [matrix, scale, zero, null, null, null, scale, zero],
  },
  {
    op: 'QLinearAdd',
    why: 'too many inputs',
    code: 'invalid-graph',
    message: /at most 8 inputs, found 9/,
    inputs: [matrix, scale, zero, matrix, scale, zero, scale, zero, zero],
  },
  {
    op: 'QLinearGlobalAveragePool',
    why: 'channels last',
    code: 'unsupported-attribute',
    message: /channels_last 0, found 1/,
    inputs: [image, scale, zero, scale, zero],
    attributes: { channels_last: int(1) },
  },
  {
    op: 'QLinearAveragePool',
    why: 'no window',
    code: 'invalid-graph',
    message: /expects a kernel_shape/,
    inputs: [image, scale, zero, scale, zero],
  },
  {
    op: 'QLinearConcat',
    why: 'nothing to join',
    code: 'invalid-graph',
    message: /expects operand 0 as input 2, found none/,
    inputs: [scale, zero],
    attributes: { axis: int(0) },
  },
  {
    op: 'QLinearConcat',
    why: 'an operand without a scale',
    code: 'invalid-graph',
    message: /the scale of operand 1 as input 6, found none/,
    inputs: [scale, zero, matrix, scale, zero, matrix],
    attributes: { axis: int(0) },
  },
  {
    op: 'QGemm',
    why: 'one bias for columns of several scales',
    code: 'shape-mismatch',
    message: /a bias of 2 numbers, one for each scale of its weights, found \[1\]/,
    inputs: [
      matrix,
      scale,
      zero,
      fact(integers('uint8', [6, 2])),
      fact(scales(1, 2)),
      zero,
      fact(biasOf([1], 9)),
      scale,
      zero,
    ],
  },
  {
    op: 'QGemm',
    why: 'an attribute of Gemm',
    code: 'unsupported-attribute',
    message: /among: alpha, transA, transB; found beta/,
    inputs: [matrix, scale, zero, fact(integers('uint8', [6, 2])), scale, zero],
    attributes: { beta: int(1) },
  },
];

describe('refused operators on 8 bit integers', () => {
  it.each(CASES.map((c) => [c.op, c.why, c] as const))('%s: %s', (_, __, c) => expectRefusal(c));
});

describe('zero points that are left out', () => {
  const data = (type: 'int8' | 'uint8') => integers(type, [1, 2, 4, 4]);
  const inputs: Readonly<Record<string, (type: 'int8' | 'uint8') => readonly (Tensor | null)[]>> = {
    QGemm: (type) => [
      integers(type, [2, 6]),
      scales(0.5),
      null,
      integers(type, [6, 2]),
      scales(0.1),
      null,
      null,
      scales(9),
    ],
    QLinearAdd: (type) => [data(type), scales(0.5), null, data(type), scales(0.1), null, scales(0.7)],
    QLinearAveragePool: (type) => [data(type), scales(0.5), null, scales(0.3)],
    QLinearConcat: (type) => [scales(0.7), null, data(type), scales(0.5), null, data(type), scales(0.9)],
    QLinearGlobalAveragePool: (type) => [data(type), scales(0.5), null, scales(0.3)],
  };
  const zeroPoints: Readonly<Record<string, readonly number[]>> = {
    QGemm: [2, 5, 8],
    QLinearAdd: [2, 5, 7],
    QLinearAveragePool: [2, 4],
    QLinearConcat: [1, 4, 7],
    QLinearGlobalAveragePool: [2, 4],
  };
  const attributes = {
    QLinearAveragePool: { kernel_shape: { type: 'ints', value: [2, 2] } },
    QLinearConcat: { axis: int(1) },
  } as const;

  it.each(
    Object.keys(inputs).flatMap((op) => (['int8', 'uint8'] as const).map((type) => [op, type] as const)),
  )('%s: are 0 of type %s', (op, type) => {
    const without = inputs[op]!(type);
    const given = [...without];
    for (const index of zeroPoints[op]!) given[index] = zeros(type, 0);
    const own = op === 'QLinearAveragePool' || op === 'QLinearConcat' ? { attributes: attributes[op] } : {};
    const expected = evaluateQNode({ op, inputs: given, ...own });
    expect(expected.facts[0]!.dtype).toBe(type);
    expect(evaluateQNode({ op, inputs: without, ...own })).toEqual(expected);
  });

  it('are refused where ONNX asks for them', () => {
    expectRefusal({
      op: 'QLinearConv',
      why: 'no zero point of x',
      code: 'invalid-graph',
      message: /expects 8 to 9 inputs, found 8/,
      inputs: convInputs({ 2: null }),
    });
  });
});

describe('one zero point for scales of several channels', () => {
  it('is that of each', () => {
    const several = convInputs({ 4: fact(floatTensor([8], new Float32Array(8).fill(0.5))) });
    const node = nodeOf('QLinearConv', several);
    const { attributes } = opNamed('QLinearConv')!.parse(
      node,
      several.map((each) => each ?? undefined),
      13,
    );
    const { operands } = attributes as QLinearAttributes;
    expect(operands[1]!.zeroPoint).toEqual(new Array(8).fill(0));
    expect(operands[2]).toMatchObject({ type: 'int32', scale: new Array(8).fill(0.25) });
  });
});
