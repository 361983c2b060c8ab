// Size: how many elements the operand has, as a constant.
import { sizeOf, tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp } from './op.ts';
import { operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Size.html */
export const size = defineOp<'Size', NoAttributes>({
  name: 'Size',
  role: 'constant',
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer: (_, [x]) => [{ dtype: 'int64', shape: [], value: tensor('int64', [], [sizeOf(x!.shape)]) }],
  evaluate: (_, [x]) => [tensor('int64', [], [sizeOf(x!.shape)])],
  encode: () => ({ attributes: {} }),
});
