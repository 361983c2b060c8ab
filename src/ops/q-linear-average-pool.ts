// QLinearAveragePool: AveragePool of 8 bit integers; an operator of ONNX Runtime.
import { averagePool } from './average-pool.ts';
import { channelsFirst } from './channels-last.ts';
import { defineQLinear, expectAtMost, operandQuantization, resultQuantization } from './q-linear.ts';
import { evaluateOnFloats } from './requantize.ts';

/**
 * Inputs x, its scale and zero point, scale and zero point of the result.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAveragePool
 */
export const qLinearAveragePool = defineQLinear(averagePool, {
  name: 'QLinearAveragePool',
  parse(node, inputs) {
    expectAtMost(node, inputs, 5);
    const x = operandQuantization(node, inputs, { what: 'x', operand: 0, scale: 1, zeroPoint: 2 });
    const result = resultQuantization(node, inputs, { scale: 3, zeroPoint: 4 }, x.type);
    const { attributes } = averagePool.parse(channelsFirst(node), [inputs[0]], 0);
    return { attributes: { operator: 'AveragePool', attributes, operands: [x], result }, operands: [0] };
  },
  evaluate: (attributes, operands) => [evaluateOnFloats(averagePool, attributes, operands)],
});
