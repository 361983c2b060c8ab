// ConstantOfShape: a tensor of the shape that its operand lists, filled with one value.
import {
  floatTensor,
  type Shape,
  showShape,
  type Tensor,
  type TypedArray,
  tensor,
} from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

export interface ConstantOfShapeAttributes {
  /** One element: what to fill with, and of which type. */
  readonly value: Tensor;
}

/** https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html */
export const constantOfShape = defineOp<'ConstantOfShape', ConstantOfShapeAttributes>({
  name: 'ConstantOfShape',
  role: 'constant',
  since: 9,
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    const value = attributesOf(node, ['value']).tensor('value') ?? floatTensor([1], [0]);
    if (value.data.length !== 1) {
      refuse(
        node.name,
        `ConstantOfShape expects a value of one element, found ${showShape(value.shape)}`,
        'invalid-graph',
      );
    }
    return { attributes: { value }, operands };
  },
  infer({ value }, [dims], node) {
    if (dims!.value === undefined) {
      refuse(
        node,
        'ConstantOfShape expects a constant shape (input 0), found it computed from the data',
        'dynamic-shape',
      );
    }
    return [{ dtype: value.dtype, shape: [...dims!.value.data] }];
  },
  evaluate: ({ value }, [dims]) => [filled([...dims!.data], value)],
  encode: ({ value }) => ({ attributes: { value: { type: 'tensor', value } } }),
});

/** Its elements are made when they are first read: a few bytes of a file can ask for a billion that no node takes. */
function filled(shape: Shape, { dtype, data: [value] }: Tensor): Tensor {
  let made: TypedArray | undefined;
  return {
    dtype,
    shape,
    get data() {
      made ??= tensor(dtype, shape).data.fill(value!);
      return made;
    },
  };
}
