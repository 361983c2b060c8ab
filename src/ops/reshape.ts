// Reshape: the same elements under another shape; 0 copies a dimension, -1 takes what is left.
import { indexTensor, type Shape, showShape, sizeOf } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { constantInts, inputFact } from './operands.ts';
import { reshaped } from './reshaped.ts';

export interface ReshapeAttributes {
  /** As the file has it: with 0 and -1. */
  readonly shape: readonly number[];
  /** Whether a 0 means a dimension of 0 rather than the operand's own. */
  readonly allowZero: boolean;
}

/** https://onnx.ai/onnx/operators/onnx__Reshape.html */
export const reshape = defineOp<'Reshape', ReshapeAttributes>({
  name: 'Reshape',
  role: 'layout',
  fate: 'reorders connections',
  tolerance: 0,
  parse(node, inputs) {
    inputFact(node, inputs, 0, 'the data');
    const shape = constantInts(node, inputs, 1, 'shape');
    const allowZero = attributesOf(node, ['allowzero']).flag('allowzero', false);
    const unknown = shape.filter((dim) => dim === -1).length;
    if (unknown > 1 || shape.some((dim) => dim < -1) || (unknown === 1 && allowZero && shape.includes(0))) {
      refuse(
        node.name,
        `Reshape expects dimensions from 0 and at most one -1, found ${showShape(shape)}`,
        'invalid-graph',
      );
    }
    return { attributes: { shape, allowZero }, operands: [0] };
  },
  infer(attributes, [x], node) {
    const shape = resolve(attributes, x!.shape);
    if (shape === undefined) {
      refuse(
        node,
        `Reshape expects a shape of ${sizeOf(x!.shape)} elements for ${showShape(x!.shape)}, found ${showShape(attributes.shape)}`,
      );
    }
    return [{ dtype: x!.dtype, shape }];
  },
  evaluate: (attributes, [x]) => [reshaped(x!, resolve(attributes, x!.shape)!)],
  encode: ({ shape, allowZero }) => ({
    attributes: allowZero ? { allowzero: intAttribute(1) } : {},
    parameters: [indexTensor(shape)],
  }),
});

/** The shape with 0 and -1 filled in, or undefined when the operand does not fill it. */
function resolve({ shape, allowZero }: ReshapeAttributes, from: Shape): Shape | undefined {
  const copied = shape.map((dim, axis) => (dim === 0 && !allowZero ? (from[axis] ?? -2) : dim));
  if (copied.includes(-2)) return undefined;
  const known = copied.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const size = sizeOf(from);
  const full = copied.map((dim) => (dim === -1 ? (known === 0 ? 0 : size / known) : dim));
  return full.every(Number.isInteger) && sizeOf(full) === size ? full : undefined;
}
