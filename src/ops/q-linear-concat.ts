// QLinearConcat: Concat of 8 bit integers of several scales; an operator of ONNX Runtime.
import { concat } from './concat.ts';
import { defineQLinear, operandQuantization, resultQuantization } from './q-linear.ts';
import { evaluateOnFloats } from './requantize.ts';

/**
 * Inputs scale and zero point of the result, then each operand with its scale and zero point.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearConcat
 */
export const qLinearConcat = defineQLinear(concat, {
  name: 'QLinearConcat',
  parse(node, inputs) {
    const count = Math.max(1, Math.ceil((inputs.length - 2) / 3));
    const indices = Array.from({ length: count }, (_, i) => 2 + 3 * i);
    const operands = indices.map((index, i) =>
      operandQuantization(node, inputs, {
        what: `operand ${i}`,
        operand: index,
        scale: index + 1,
        zeroPoint: index + 2,
      }),
    );
    const result = resultQuantization(node, inputs, { scale: 0, zeroPoint: 1 }, operands[0]!.type);
    const { attributes } = concat.parse(
      node,
      indices.map((index) => inputs[index]),
      0,
    );
    return { attributes: { operator: 'Concat', attributes, operands, result }, operands: indices };
  },
  evaluate: (attributes, operands) => [evaluateOnFloats(concat, attributes, operands)],
});
