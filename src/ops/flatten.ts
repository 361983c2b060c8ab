// Flatten: to a matrix, the axes before `axis` as its rows.
import { sizeOf } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp } from './op.ts';
import { axisOf, operandsOf } from './operands.ts';
import { reshaped } from './reshaped.ts';

export interface FlattenAttributes {
  /** From 0 to the rank of the operand, both included. */
  readonly axis: number;
}

/** https://onnx.ai/onnx/operators/onnx__Flatten.html */
export const flatten = defineOp<'Flatten', FlattenAttributes>({
  name: 'Flatten',
  role: 'layout',
  fate: 'reorders connections: becomes Reshape',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    const axis = attributesOf(node, ['axis']).int('axis') ?? 1;
    const rank = inputs[0]!.shape.length;
    return { attributes: { axis: axis === rank ? rank : axisOf(node, axis, rank) }, operands };
  },
  infer: ({ axis }, [x]) => [
    { dtype: x!.dtype, shape: [sizeOf(x!.shape.slice(0, axis)), sizeOf(x!.shape.slice(axis))] },
  ],
  evaluate: ({ axis }, [x]) => [
    reshaped(x!, [sizeOf(x!.shape.slice(0, axis)), sizeOf(x!.shape.slice(axis))]),
  ],
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});
