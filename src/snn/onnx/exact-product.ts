// Conv and Gemm of whole numbers that float32 cannot hold (|z| >= 2^24): the windows are gathered side by side (im2col) and
// multiplied in float64, exact up to 2^53. MatMulInteger would take 8-bit operands only, and wrap beyond 2^31.
import { elementCode } from '../../onnx/element-types.ts';
import { intAttribute as int, intsAttribute as ints } from '../../ops/attributes.ts';
import type { ConvAttributes } from '../../ops/conv.ts';
import { windowOver } from '../../ops/window.ts';
import { tapsOf } from '../../ops/window-taps.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../tensor/tensor.ts';
import type { LinearSnnNode } from '../network/network.ts';
import type { GraphBuilder } from './builder.ts';

/** From this magnitude on float32 no longer holds every whole number. */
export const FLOAT32_EXACT = 2 ** 24;

/**
 * Writes a weighted node in float64.
 * @param input name of the running operand, of shape [N, ...inputShape]
 * @param weights W [outputs, ...]
 */
export function exactProduct(
  b: GraphBuilder,
  node: LinearSnnNode,
  input: { readonly value: string; readonly shape: Shape },
  weights: Tensor,
): void {
  const x = b.node('Cast', [input.value], { to: int(elementCode('float64')) });
  if (node.op === 'Gemm') {
    b.node('MatMul', [x, b.constant(`${node.name}/W`, transposed(weights, 0, weights.shape[0]!))], {}, [
      node.output,
    ]);
    return;
  }
  const attributes = node.attributes as ConvAttributes;
  const elements = sizeOf(input.shape);
  const flat = b.node('Reshape', [x, b.indices([-1, elements])]);
  // One silent element behind the image stands for all padding.
  const padded = b.node('Pad', [flat, b.indices([0, 0, 0, 1])]);
  const perGroup = weights.shape[0]! / attributes.group;
  const groups = Array.from({ length: attributes.group }, (_, group) => {
    const index = b.constant(`${node.name}/index${group}`, windowIndex(attributes, input.shape, group));
    const windows = b.node('Gather', [padded, index], { axis: int(1) });
    const matrix = b.constant(`${node.name}/W${group}`, transposed(weights, group * perGroup, perGroup));
    return b.node('Transpose', [b.node('MatMul', [windows, matrix])], { perm: ints([0, 2, 1]) });
  });
  const joined = groups.length === 1 ? groups[0]! : b.node('Concat', groups, { axis: int(1) });
  b.node('Reshape', [joined, b.indices([-1, ...node.shape])], {}, [node.output]);
}

/** Rows `first` .. `first + count` of W as columns: [fan, count], float64. */
function transposed({ data, shape }: Tensor, first: number, count: number): Tensor {
  const fan = data.length / shape[0]!;
  const columns = new Float64Array(fan * count);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < fan; i++) columns[i * count + row] = data[(first + row) * fan + i]!;
  }
  return tensor('float64', [fan, count], columns);
}

/** For each output position the elements of its window in one group, [positions, fan]; what is padding points behind the image. */
function windowIndex(attributes: ConvAttributes, image: Shape, group: number): Tensor {
  const window = windowOver({ ...attributes, ceilMode: false }, image.slice(1));
  const [area, kernel, positions] = [window.input, window.kernel, window.output].map(sizeOf) as [
    number,
    number,
    number,
  ];
  const channels = image[0]! / attributes.group;
  const index = new Float64Array(positions * channels * kernel).fill(sizeOf(image));
  for (const { offset, inputs, outputs } of tapsOf(window)) {
    for (let i = 0; i < inputs.length; i++) {
      for (let c = 0; c < channels; c++) {
        const channel = group * channels + c;
        index[(outputs[i]! * channels + c) * kernel + offset] = channel * area + inputs[i]!;
      }
    }
  }
  return tensor('int64', [positions, channels * kernel], index);
}
