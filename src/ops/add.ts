// Add: C = A + B with broadcasting.
import {
  elementwiseSynapses,
  evaluateBinary,
  inferElementwise,
  keepsAxisOne,
  parseBinary,
} from './elementwise.ts';
import { defineOp } from './op.ts';
import { dividedByUnit, unitProduct } from './unit.ts';

/** https://onnx.ai/onnx/operators/onnx__Add.html */
export const add = defineOp({
  name: 'Add',
  role: 'linear',
  fate: 'adds currents; a constant joins the bias before it or is spread over the window',
  tolerance: 0,
  parse: parseBinary,
  infer: (_, operands, node) => inferElementwise('Add', operands, node),
  evaluate: (_, [a, b]) => [evaluateBinary(a!, b!, (x, y) => x + y)],
  encode: () => ({ attributes: {} }),
  synapses: (_, index, operands, output) => elementwiseSynapses(operands[index]!.shape, output, () => 1),
  rescale: (_, constants, { to, K }, image) =>
    constants.map((constant) => dividedByUnit(constant, unitProduct(to, K), image)),
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});
