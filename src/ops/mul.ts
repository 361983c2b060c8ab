// Mul: C = A B, element by element with broadcasting.
import type { DType } from '../tensor/tensor.ts';
import {
  broadcastValue,
  elementwiseSynapses,
  evaluateBinary,
  inferElementwise,
  keepsAxisOne,
  parseBinary,
} from './elementwise.ts';
import { defineOp } from './op.ts';
import { dividedByUnit, sameUnit, unitQuotient } from './unit.ts';

/** https://onnx.ai/onnx/operators/onnx__Mul.html */
export const mul = defineOp({
  name: 'Mul',
  role: 'linear',
  fate: 'scales currents by a constant, joining the weights before it where it can; two running tensors become neurons with two membranes',
  tolerance: 0,
  parse: parseBinary,
  infer: (_, operands, node) => inferElementwise('Mul', operands, node),
  evaluate: (_, [a, b]) => [evaluateBinary(a!, b!, multiply)],
  encode: () => ({ attributes: {} }),
  synapses: (_, index, operands, output) =>
    elementwiseSynapses(operands[index]!.shape, output, broadcastValue(operands[1 - index]!, output, 'Mul')),
  absorbsUnits: 'per-channel',
  rescale: (_, [factor], { from, to }, image) => [
    sameUnit(from, to) ? factor! : dividedByUnit(factor!, unitQuotient(to, from), image),
  ],
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});

/** The product; float64 would lose the low bits of a 32-bit one, which are what wrapping keeps. */
function multiply(a: number, b: number, dtype: DType): number {
  return dtype === 'int32' || dtype === 'uint32' ? Math.imul(a, b) : a * b;
}
