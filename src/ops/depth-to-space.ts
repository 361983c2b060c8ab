// DepthToSpace: channels become blocks of pixels.
import { type Shape, showShape } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';
import { blockSizeOf, type Rearrangement, rearranged } from './rearrangement.ts';

export interface DepthToSpaceAttributes {
  readonly blockSize: number;
  /** Which part of the channel axis varies faster: the channel of the result (DCR) or the place in the block (CRD). */
  readonly mode: 'DCR' | 'CRD';
}

/** https://onnx.ai/onnx/operators/onnx__DepthToSpace.html */
export const depthToSpace = defineOp<'DepthToSpace', DepthToSpaceAttributes>({
  name: 'DepthToSpace',
  role: 'layout',
  fate: 'reorders connections: becomes Reshape and Transpose',
  tolerance: 0,
  parse(node, inputs) {
    const read = attributesOf(node, ['blocksize', 'mode']);
    const blockSize = blockSizeOf(node, read.int('blocksize'));
    const mode = read.string('mode') ?? 'DCR';
    if (mode !== 'DCR' && mode !== 'CRD') {
      refuse(node.name, `DepthToSpace expects mode DCR or CRD, found "${mode}"`, 'unsupported-attribute');
    }
    return { attributes: { blockSize, mode }, operands: operandsOf(node, inputs, 1) };
  },
  infer(attributes, [x], node) {
    const { dtype, shape } = x!;
    const block = attributes.blockSize ** 2;
    if (shape.length !== 4 || shape[1]! % block !== 0) {
      refuse(
        node,
        `DepthToSpace expects [N, C, H, W] with C a multiple of ${block}, found ${showShape(shape)}`,
      );
    }
    return [{ dtype, shape: depthToSpaceSteps(attributes, shape).result }];
  },
  evaluate: (attributes, [x]) => [rearranged(x!, depthToSpaceSteps(attributes, x!.shape))],
  encode: ({ blockSize, mode }) => ({
    attributes: { blocksize: intAttribute(blockSize), mode: { type: 'string', value: mode } },
  }),
});

/** How it moves the elements of an operand of shape [N, C, H, W]. */
export function depthToSpaceSteps(
  { blockSize: b, mode }: DepthToSpaceAttributes,
  shape: Shape,
): Rearrangement {
  const [n, c, h, w] = shape as [number, number, number, number];
  const channels = c / (b * b);
  return {
    split: mode === 'DCR' ? [n, b, b, channels, h, w] : [n, channels, b, b, h, w],
    perm: mode === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3],
    result: [n, channels, h * b, w * b],
  };
}
