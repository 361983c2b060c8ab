// Constant: a value that stands in the graph itself.
import { floatTensor, indexTensor, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

export interface ConstantAttributes {
  readonly value: Tensor;
}

const FORMS = ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'] as const;

/** https://onnx.ai/onnx/operators/onnx__Constant.html */
export const constant = defineOp<'Constant', ConstantAttributes>({
  name: 'Constant',
  role: 'constant',
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 0);
    const read = attributesOf(node, FORMS);
    const float = read.float('value_float');
    const floats = read.floats('value_floats');
    const int = read.int('value_int');
    const ints = read.ints('value_ints');
    const values = [
      read.tensor('value'),
      float === undefined ? undefined : floatTensor([], [float]),
      floats === undefined ? undefined : floatTensor([floats.length], floats),
      int === undefined ? undefined : tensor('int64', [], [int]),
      ints === undefined ? undefined : indexTensor(ints),
    ].filter((value) => value !== undefined);
    if (values.length !== 1) {
      refuse(
        node.name,
        `Constant expects one of ${FORMS.join(', ')}, found ${values.length} of them`,
        'invalid-graph',
      );
    }
    return { attributes: { value: values[0]! }, operands };
  },
  infer: ({ value }) => [{ dtype: value.dtype, shape: value.shape, value }],
  evaluate: ({ value }) => [value],
  encode: ({ value }) => ({ attributes: { value: { type: 'tensor', value } } }),
});
