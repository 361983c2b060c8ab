// What operators say of themselves besides their results: multiply-accumulates and channels kept.
import { describe, expect, it } from 'vitest';
import { ops } from '../../src/ops/index.ts';
import { indexTensor, type Tensor } from '../../src/tensor/tensor.ts';
import { type AttributeRecord, int, ints, nodeOf, randomTensor as random, runNode } from './single-node.ts';

const image = random([1, 4, 6, 6]);

describe('macs', () => {
  it.each([
    // 8 x 6 x 6 outputs, each of 4 channels x 3 x 3
    ['Conv', [image, random([8, 4, 3, 3])], { pads: ints(1, 1, 1, 1) }, 8 * 36 * 4 * 9],
    // depthwise: 4 x 3 x 3 outputs, each of 1 x 2 x 2
    ['Conv', [image, random([4, 1, 2, 2])], { group: int(4), strides: ints(2, 2) }, 4 * 9 * 4],
    // each of 4 x 6 x 6 inputs times 5 channels x 2 x 3, into 2 groups
    ['ConvTranspose', [image, random([4, 5, 2, 3])], { group: int(2) }, 4 * 36 * 5 * 6],
    // 1-D: 3 x 5 outputs, each of 2 x 3
    ['Conv', [random([1, 2, 7]), random([3, 2, 3])], {}, 3 * 5 * 2 * 3],
    ['Gemm', [random([2, 5]), random([3, 5]), random([3])], { transB: int(1) }, 2 * 3 * 5],
    ['Gemm', [random([5, 2]), random([5, 3])], { transA: int(1) }, 2 * 3 * 5],
    ['MatMul', [random([7, 2, 5]), random([5, 3])], {}, 7 * 2 * 3 * 5],
  ] as const)('of %s (case %#)', (op, inputs, attributes, expected) => {
    const run = runNode(nodeOf(op, inputs, attributes), inputs, 13);
    const shapes = inputs.map((input) => input.shape);
    expect(run.op.macs!(run.attributes, shapes, run.outputs[0]!.shape)).toBe(expected);
  });

  it('are given by weighted operators only', () => {
    for (const op of ops) expect('macs' in op, op.name).toBe(op.role === 'weighted');
  });
});

describe('keepsChannels', () => {
  const index = (...values: number[]) => indexTensor(values);
  const cases: readonly [string, readonly Tensor[], AttributeRecord, boolean][] = [
    ['Relu', [image], {}, true],
    ['GlobalAveragePool', [image], {}, true],
    ['AveragePool', [image], { kernel_shape: ints(2, 2) }, true],
    ['MaxPool', [image], { kernel_shape: ints(2, 2) }, true],
    ['ReduceMean', [image], { axes: ints(2, 3) }, true],
    ['ReduceMean', [image], { axes: ints(-1), keepdims: int(0) }, true],
    ['ReduceMean', [image], { axes: ints(1) }, false],
    ['Pad', [image, index(0, 0, 1, 1, 0, 0, 1, 1)], {}, true],
    ['Pad', [image, index(0, 2, 0, 0, 0, 2, 0, 0)], {}, false],
    ['Slice', [image, index(0), index(3), index(2)], {}, true],
    ['Slice', [image, index(0), index(3), index(1)], {}, false],
    ['GlobalMaxPool', [image], {}, true],
    ['ReduceMax', [image], { axes: ints(2, 3) }, true],
    ['ReduceSum', [image, index(1)], {}, false],
    ['Expand', [random([1, 4, 1, 1]), index(1, 4, 3, 3)], {}, true],
    ['Expand', [random([1, 1, 2, 2]), index(1, 4, 2, 2)], {}, false],
    ['LRN', [image], { size: int(3) }, true],
    ['Add', [image, random([1, 4, 6, 6])], {}, true],
    ['Add', [random([1, 1, 6, 6]), image], {}, false],
    ['Mul', [random([4, 6, 6]), image], {}, false],
  ];
  it.each(cases)('of %s (case %#)', (op, inputs, attributes, expected) => {
    const run = runNode(nodeOf(op, inputs, attributes), inputs, 13);
    const shapes = inputs.map((input) => input.shape);
    expect(run.op.keepsChannels!(run.attributes, shapes, run.outputs[0]!.shape)).toBe(expected);
  });
});
