// Div: C = A / B with broadcasting; integers are truncated toward zero.
import { isFloat } from '../tensor/tensor.ts';
import {
  broadcastValue,
  elementwiseSynapses,
  evaluateBinary,
  inferElementwise,
  keepsAxisOne,
  parseBinary,
} from './elementwise.ts';
import { defineOp, refuse } from './op.ts';

/** https://onnx.ai/onnx/operators/onnx__Div.html */
export const div = defineOp({
  name: 'Div',
  role: 'linear',
  fate: 'divides currents by a constant: becomes Mul by the inverse',
  tolerance: 0,
  parse: parseBinary,
  infer(_, operands, node) {
    const divisor = operands[1]!;
    if (!isFloat(divisor.dtype) && divisor.value?.data.includes(0)) {
      refuse(node, 'Div expects integer divisors other than 0, found 0', 'invalid-graph');
    }
    return inferElementwise('Div', operands, node);
  },
  evaluate: (_, [a, b]) => [
    isFloat(a!.dtype)
      ? evaluateBinary(a!, b!, (x, y) => x / y)
      : evaluateBinary(a!, b!, (x, y) => Math.trunc(x / y)),
  ],
  encode: () => ({ attributes: {} }),
  synapses(_, index, operands, output) {
    if (index !== 0) throw new RangeError('Div is not linear in its divisor');
    const divisor = broadcastValue(operands[1]!, output, 'Div');
    return elementwiseSynapses(operands[0]!.shape, output, (target) => 1 / divisor(target));
  },
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});
