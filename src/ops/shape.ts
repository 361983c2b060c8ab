// Shape: the dimensions of the operand, or some of them, as a constant.
import { indexTensor, type Shape, type Tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp } from './op.ts';
import { operandsOf } from './operands.ts';

export interface ShapeAttributes {
  /** First axis, counted from the back where negative. */
  readonly start: number;
  /** Axis after the last one; none means to the end. */
  readonly end?: number;
}

/** https://onnx.ai/onnx/operators/onnx__Shape.html */
export const shape = defineOp<'Shape', ShapeAttributes>({
  name: 'Shape',
  role: 'constant',
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs, opset) {
    const operands = operandsOf(node, inputs, 1);
    const read = attributesOf(node, opset < 15 ? [] : ['end', 'start']);
    const end = read.int('end');
    return { attributes: { start: read.int('start') ?? 0, ...(end === undefined ? {} : { end }) }, operands };
  },
  infer(attributes, [x]) {
    const value = dimensions(attributes, x!.shape);
    return [{ dtype: 'int64', shape: value.shape, value }];
  },
  evaluate: (attributes, [x]) => [dimensions(attributes, x!.shape)],
  encode: ({ start, end }) => ({
    attributes: { start: intAttribute(start), ...(end === undefined ? {} : { end: intAttribute(end) }) },
  }),
});

/** Array slicing counts from the back and clamps exactly as the operator does. */
function dimensions({ start, end }: ShapeAttributes, of: Shape): Tensor {
  return indexTensor(of.slice(start, end));
}
