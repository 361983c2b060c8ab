// Relu: y = max(0, x).
import { tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Relu.html */
export const relu = defineOp<'Relu', NoAttributes>({
  name: 'Relu',
  role: 'activation',
  fate: 'becomes a layer of neurons',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, ['consumed_inputs']);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer(_, [x], node) {
    if (x!.dtype === 'bool' || x!.dtype.startsWith('uint')) {
      refuse(node, `Relu expects signed numbers, found ${x!.dtype}`, 'unsupported-type');
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  evaluate(_, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) out.data[i] = Math.max(0, x!.data[i]!);
    return [out];
  },
  encode: () => ({ attributes: {} }),
  parameters: () => ({ low: [0] }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});
