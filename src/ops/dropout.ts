// Dropout in inference: y = x. The mask, where a node names it, is all true.
import { type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { constantInput, inputFact } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Dropout.html */
export const dropout = defineOp<'Dropout', NoAttributes>({
  name: 'Dropout',
  role: 'layout',
  fate: 'dropped: it does nothing in inference',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, ['consumed_inputs', 'is_test', 'ratio', 'seed']);
    inputFact(node, inputs, 0, 'the data');
    if (constantInput(node, inputs, 2, 'training_mode')?.some((mode) => mode !== 0)) {
      refuse(
        node.name,
        'Dropout expects inference, found training_mode true: export the model in eval mode',
        'unsupported-attribute',
      );
    }
    return { attributes: {}, operands: [0] };
  },
  infer: (_, [x]) => [
    { dtype: x!.dtype, shape: x!.shape },
    { dtype: 'bool', shape: x!.shape },
  ],
  evaluate: (_, [x]) => [x!, allTrue(x!)],
  encode: () => ({ attributes: {} }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});

function allTrue(x: Tensor): Tensor {
  const mask = tensor('bool', x.shape);
  mask.data.fill(1);
  return mask;
}
