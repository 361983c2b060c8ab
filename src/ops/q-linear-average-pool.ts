// QLinearAveragePool: AveragePool of 8 bit integers; an operator of ONNX Runtime.
import { type AveragePoolAttributes, averagePool } from './average-pool.ts';
import { channelsFirst } from './channels-last.ts';
import { defineOp } from './op.ts';
import {
  expectAtMost,
  inferQLinear,
  operandQuantization,
  type QLinearAttributes,
  resultQuantization,
} from './q-linear.ts';
import { evaluateOnFloats } from './requantize.ts';

/**
 * Inputs x, its scale and zero point, scale and zero point of the result.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAveragePool
 */
export const qLinearAveragePool = defineOp<
  'QLinearAveragePool',
  QLinearAttributes<'AveragePool', AveragePoolAttributes>
>({
  name: 'QLinearAveragePool',
  role: 'constant',
  fate: 'becomes AveragePool between quantizers',
  tolerance: 1 / 127,
  parse(node, inputs) {
    expectAtMost(node, inputs, 5);
    const x = operandQuantization(node, inputs, { what: 'x', operand: 0, scale: 1, zeroPoint: 2 });
    const result = resultQuantization(node, inputs, { scale: 3, zeroPoint: 4 }, x.type);
    const { attributes } = averagePool.parse(channelsFirst(node), [inputs[0]], 0);
    return { attributes: { operator: 'AveragePool', attributes, operands: [x], result }, operands: [0] };
  },
  infer: (attributes, operands, node) => inferQLinear(averagePool, attributes, operands, node),
  evaluate: (attributes, operands) => [evaluateOnFloats(averagePool, attributes, operands)],
  encode: ({ attributes }) => averagePool.encode(attributes),
});
