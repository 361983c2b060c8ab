// Quantizers and products of integers that are refused: by which code, and in what words.
import { describe, expect, it } from 'vitest';
import { opNamed } from '../../src/ops/index.ts';
import type { Fact } from '../../src/ops/op.ts';
import { type DType, tensor } from '../../src/tensor/tensor.ts';
import { expectRefusal, type RefusedCase, running, weights } from './refused-case.ts';
import { constantFact, int, ints } from './single-node.ts';

const image = running(1, 3, 4, 4);
const integers = (dtype: DType, ...shape: number[]): Fact => ({ dtype, shape });
const scalar = (dtype: DType, value: number) => constantFact(tensor(dtype, [], [value]));
const list = (dtype: DType, ...values: number[]) => constantFact(tensor(dtype, [values.length], values));
const kernel = constantFact(tensor('int8', [2, 3, 1, 1]));

const BOTH: readonly RefusedCase[] = (
  [
    ['QuantizeLinear', image],
    ['DequantizeLinear', integers('uint8', 1, 3, 4, 4)],
  ] as const
).flatMap(([op, x]): RefusedCase[] => [
  {
    op,
    why: 'a scale of 0',
    code: 'invalid-graph',
    message: /expected scales of x above 0, found 0/,
    inputs: [x, scalar('float32', 0), scalar('uint8', 0)],
  },
  {
    op,
    why: 'a negative scale of a channel',
    code: 'invalid-graph',
    message: /above 0, found -0.5/,
    inputs: [x, list('float32', 1, -0.5, 1), list('uint8', 0, 0, 0)],
  },
  {
    op,
    why: 'a scale that is no number',
    code: 'invalid-graph',
    message: /above 0, found NaN/,
    inputs: [x, scalar('float32', Number.NaN)],
  },
  {
    op,
    why: 'a scale of integers',
    code: 'invalid-graph',
    message: /floating point scale of x, found int32/,
    inputs: [x, scalar('int32', 1)],
  },
  {
    op,
    why: 'a scale that is computed',
    code: 'dynamic-shape',
    message: /constant scale of x, found it computed from the data/,
    inputs: [x, running()],
  },
  {
    op,
    why: 'a zero point that is computed',
    code: 'dynamic-shape',
    message: /constant zero point of x, found it computed/,
    inputs: [x, scalar('float32', 1), integers('uint8')],
  },
  {
    op,
    why: 'no scale',
    code: 'invalid-graph',
    message: /expects 2 to 3 inputs, found 1/,
    inputs: [x],
  },
  {
    op,
    why: 'scales for other channels',
    code: 'invalid-graph',
    message: /expected 3 scales of x along axis 1 of \[1, 3, 4, 4\], found 2/,
    inputs: [x, list('float32', 1, 2), list('uint8', 0, 0)],
  },
  {
    op,
    why: 'scales along an axis that is not there',
    code: 'invalid-graph',
    message: /axis from -4 to 3, found 4/,
    inputs: [x, list('float32', 1, 2), list('uint8', 0, 0)],
    attributes: { axis: int(4) },
  },
  {
    op,
    why: 'zero points of other channels',
    code: 'invalid-graph',
    message: /as many zero points of x as scales, 3, found 2/,
    inputs: [x, list('float32', 1, 2, 3), list('uint8', 0, 0)],
  },
  {
    op,
    why: 'a zero point of floats',
    code: 'unsupported-type',
    message: /x to be of type int4, .*found float32/,
    inputs: [x, scalar('float32', 1), scalar('float32', 0)],
  },
  {
    op,
    why: 'blocks of an axis',
    code: 'unsupported-attribute',
    message: /one for each index of an axis; found block_size 2/,
    inputs: [x, constantFact(tensor('float32', [1, 3, 2, 4]))],
    attributes: { axis: int(2), block_size: int(2) },
    opset: 21,
  },
  {
    op,
    why: 'scales in a matrix',
    code: 'unsupported-attribute',
    message: /found scales \[3, 1\]/,
    inputs: [x, constantFact(tensor('float32', [3, 1], [1, 1, 1]))],
  },
]);

const CASES: readonly RefusedCase[] = [
  ...BOTH,
  {
    op: 'QuantizeLinear',
    why: 'integers',
    code: 'unsupported-type',
    message: /found int32/,
    inputs: [integers('int32', 1, 3), scalar('float32', 1)],
  },
  {
    op: 'QuantizeLinear',
    why: 'float8',
    code: 'unsupported-type',
    message: /output_dtype of integers: .*found float8e4m3fn/,
    inputs: [image, scalar('float32', 1)],
    attributes: { output_dtype: int(17) },
    opset: 21,
  },
  {
    op: 'QuantizeLinear',
    why: 'a type beyond those that are quantized to',
    code: 'unsupported-type',
    message: /output_dtype of integers: found int64/,
    inputs: [image, scalar('float32', 1)],
    attributes: { output_dtype: int(7) },
    opset: 21,
  },
  {
    op: 'QuantizeLinear',
    why: 'a zero point of another type than asked for',
    code: 'invalid-graph',
    message: /zero point of its output_dtype, int8, found uint8/,
    inputs: [image, scalar('float32', 1), scalar('uint8', 0)],
    attributes: { output_dtype: int(3) },
    opset: 21,
  },
  {
    op: 'DequantizeLinear',
    why: 'a zero point of another type',
    code: 'invalid-graph',
    message: /zero point of the type of x, uint8, found int8/,
    inputs: [integers('uint8', 1, 3), scalar('float32', 1), scalar('int8', 0)],
  },
  {
    op: 'DequantizeLinear',
    why: 'floats',
    code: 'unsupported-type',
    message: /quantized integers, found float32/,
    inputs: [image, scalar('float32', 1)],
  },
  {
    op: 'DynamicQuantizeLinear',
    why: 'integers',
    code: 'unsupported-type',
    message: /found uint8/,
    inputs: [integers('uint8', 2)],
  },
  {
    op: 'ConvInteger',
    why: 'weights that are computed',
    code: 'dynamic-shape',
    message: /constant weights, found them computed/,
    inputs: [image, integers('int8', 2, 3, 1, 1)],
  },
  {
    op: 'ConvInteger',
    why: 'weights of floats',
    code: 'unsupported-type',
    message: /8 bit integers, found float32 and float32/,
    inputs: [image, weights(2, 3, 1, 1)],
  },
  {
    op: 'ConvInteger',
    why: 'a zero point of another type',
    code: 'invalid-graph',
    message: /zero point of its weights of type int8, found uint8/,
    inputs: [image, kernel, scalar('uint8', 0), scalar('uint8', 0)],
  },
  {
    op: 'ConvInteger',
    why: 'zero points of other channels',
    code: 'invalid-graph',
    message: /one zero point of its weights or 2, found 3/,
    inputs: [image, kernel, scalar('uint8', 0), list('int8', 0, 0, 0)],
  },
  {
    op: 'ConvInteger',
    why: 'a zero point that does not belong to floats',
    code: 'invalid-graph',
    message: /the zero point that belongs to x .* found 3/,
    inputs: [image, kernel, scalar('uint8', 3)],
  },
  {
    op: 'ConvInteger',
    why: 'other channels',
    code: 'shape-mismatch',
    message: /3 x 1 input channels/,
    inputs: [running(1, 2, 4, 4), kernel],
  },
  {
    op: 'MatMulInteger',
    why: 'a zero point for each row',
    code: 'invalid-graph',
    message: /one zero point of x, found 2/,
    inputs: [integers('uint8', 2, 3), constantFact(tensor('int8', [3, 4])), list('uint8', 0, 0)],
  },
  {
    op: 'MatMulInteger',
    why: 'zero points that are computed',
    code: 'dynamic-shape',
    message: /zero point of x \(input 2, "in2"\) to be constant/,
    inputs: [integers('uint8', 2, 3), constantFact(tensor('int8', [3, 4])), integers('uint8')],
  },
  {
    op: 'Split',
    why: 'parts of an axis that do not come out',
    code: 'shape-mismatch',
    message: /2 parts of one size, found an axis of 3/,
    inputs: [image],
    attributes: { axis: int(1) },
    outputs: ['a', 'b'],
  },
  {
    op: 'Split',
    why: 'sizes that do not add up',
    code: 'shape-mismatch',
    message: /2 sizes that add up to 3, found 1, 1/,
    inputs: [image],
    attributes: { axis: int(1), split: ints(1, 1) },
    outputs: ['a', 'b'],
    opset: 11,
  },
  {
    op: 'Split',
    why: 'another number of parts than outputs',
    code: 'shape-mismatch',
    message: /2 sizes that add up to 3, found 1, 1, 1/,
    inputs: [image],
    attributes: { axis: int(1), num_outputs: int(3) },
    outputs: ['a', 'b'],
    opset: 18,
  },
  {
    op: 'Split',
    why: 'sizes that are computed',
    code: 'dynamic-shape',
    message: /expects its split \(input 1/,
    inputs: [image, integers('int64', 2)],
    outputs: ['a', 'b'],
  },
  {
    op: 'Cast',
    why: '4 bits',
    code: 'unsupported-type',
    message: /bfloat16; found int4/,
    inputs: [image],
    attributes: { to: int(22) },
    opset: 21,
  },
];

describe('refused quantizers', () => {
  it.each(CASES.map((c) => [c.op, c.why, c] as const))('%s: %s', (_, __, c) => expectRefusal(c));

  it('are not those of one scale, whatever the axis', () => {
    const inputs = [running(4), scalar('float32', 1)];
    const node = { name: 'n', opType: 'QuantizeLinear', domain: '', inputs: ['x', 's'], outputs: ['y'] };
    const parsed = opNamed('QuantizeLinear')!.parse({ ...node, attributes: new Map() }, inputs, 13);
    expect(parsed.attributes).toMatchObject({ type: 'uint8', zeroPoint: [0] });
  });
});
