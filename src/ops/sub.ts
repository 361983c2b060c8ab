// Sub: C = A - B with broadcasting.
import {
  elementwiseSynapses,
  evaluateBinary,
  inferElementwise,
  keepsAxisOne,
  parseBinary,
} from './elementwise.ts';
import { defineOp } from './op.ts';

/** https://onnx.ai/onnx/operators/onnx__Sub.html */
export const sub = defineOp({
  name: 'Sub',
  role: 'linear',
  fate: 'subtracts currents: becomes Add of the negative',
  tolerance: 0,
  parse: parseBinary,
  infer: (_, operands, node) => inferElementwise('Sub', operands, node),
  evaluate: (_, [a, b]) => [evaluateBinary(a!, b!, (x, y) => x - y)],
  encode: () => ({ attributes: {} }),
  synapses(_, index, operands, output) {
    const weight = index === 0 ? 1 : -1;
    return elementwiseSynapses(operands[index]!.shape, output, () => weight);
  },
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});
