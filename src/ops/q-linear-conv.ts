// QLinearConv: Conv of 8 bit integers.
import { conv } from './conv.ts';
import { operandsOf } from './operands.ts';
import { biasQuantization, defineQLinear, operandQuantization, resultQuantization } from './q-linear.ts';
import { evaluateProducts } from './requantize.ts';

/**
 * Inputs x, its scale and zero point, W, its scales and zero points (one, or one for each output channel), scale and
 * zero point of the result, and B in int32 of scale(x) * scale(W).
 * https://onnx.ai/onnx/operators/onnx__QLinearConv.html
 */
export const qLinearConv = defineQLinear(conv, {
  name: 'QLinearConv',
  parse(node, inputs) {
    const indices = operandsOf(node, inputs, 8, 9);
    const bias = inputs[8];
    const x = operandQuantization(node, inputs, { what: 'x', operand: 0, scale: 1, zeroPoint: 2 });
    const weights = operandQuantization(node, inputs, {
      what: 'its weights',
      operand: 3,
      scale: 4,
      zeroPoint: 5,
      axis: 0,
    });
    const result = resultQuantization(node, inputs, { scale: 6, zeroPoint: 7 }, x.type);
    const { attributes } = conv.parse(node, [inputs[0], inputs[3], bias], 0);
    return {
      attributes: {
        operator: 'Conv',
        attributes,
        operands: [x, weights, ...(bias === undefined ? [] : [biasQuantization(node, bias, x, weights)])],
        result,
      },
      operands: indices.filter((index) => [0, 3, 8].includes(index)),
    };
  },
  evaluate: (attributes, operands) => [evaluateProducts(conv, attributes, operands, 1)],
});
