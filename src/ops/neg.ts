// Neg: y = -x.
import { tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp } from './op.ts';
import { operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Neg.html */
export const neg = defineOp<'Neg', NoAttributes>({
  name: 'Neg',
  role: 'linear',
  fate: 'changes the sign of currents: becomes Mul by -1',
  tolerance: 0,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer: (_, [x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  evaluate(_, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) out.data[i] = -x!.data[i]!;
    return [out];
  },
  encode: () => ({ attributes: {} }),
  synapses: () => (source, visit) => visit(source, -1),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});
