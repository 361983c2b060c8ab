// Identity: y = x.
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp } from './op.ts';
import { operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Identity.html */
export const identity = defineOp<'Identity', NoAttributes>({
  name: 'Identity',
  role: 'layout',
  fate: 'dropped',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer: (_, [x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  evaluate: (_, [x]) => [x!],
  encode: () => ({ attributes: {} }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});
