// SpaceToDepth: blocks of pixels become channels.
import { type Shape, showShape } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';
import { blockSizeOf, type Rearrangement, rearranged } from './rearrangement.ts';

export interface SpaceToDepthAttributes {
  readonly blockSize: number;
}

/** https://onnx.ai/onnx/operators/onnx__SpaceToDepth.html */
export const spaceToDepth = defineOp<'SpaceToDepth', SpaceToDepthAttributes>({
  name: 'SpaceToDepth',
  role: 'layout',
  fate: 'reorders connections: becomes Reshape and Transpose',
  tolerance: 0,
  parse(node, inputs) {
    const blockSize = blockSizeOf(node, attributesOf(node, ['blocksize']).int('blocksize'));
    return { attributes: { blockSize }, operands: operandsOf(node, inputs, 1) };
  },
  infer(attributes, [x], node) {
    const { dtype, shape } = x!;
    const { blockSize } = attributes;
    if (shape.length !== 4 || shape.slice(2).some((size) => size % blockSize !== 0)) {
      refuse(
        node,
        `SpaceToDepth expects [N, C, H, W] with H and W multiples of ${blockSize}, found ${showShape(shape)}`,
      );
    }
    return [{ dtype, shape: spaceToDepthSteps(attributes, shape).result }];
  },
  evaluate: (attributes, [x]) => [rearranged(x!, spaceToDepthSteps(attributes, x!.shape))],
  encode: ({ blockSize }) => ({ attributes: { blocksize: intAttribute(blockSize) } }),
});

/** How it moves the elements of an operand of shape [N, C, H, W]. */
export function spaceToDepthSteps({ blockSize: b }: SpaceToDepthAttributes, shape: Shape): Rearrangement {
  const [n, c, h, w] = shape as [number, number, number, number];
  return {
    split: [n, c, h / b, b, w / b, b],
    perm: [0, 3, 5, 1, 2, 4],
    result: [n, c * b * b, h / b, w / b],
  };
}
