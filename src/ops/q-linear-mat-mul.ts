// QLinearMatMul: MatMul of 8 bit integers.
import { matMul } from './mat-mul.ts';
import { operandsOf } from './operands.ts';
import { defineQLinear, inferQLinear, operandQuantization, resultQuantization } from './q-linear.ts';
import { evaluateProducts } from './requantize.ts';

/**
 * Inputs a, its scale and zero point, b, its scales and zero points (one, or one for each column), scale and zero
 * point of the result. One scale for each row of a is refused.
 * https://onnx.ai/onnx/operators/onnx__QLinearMatMul.html
 */
export const qLinearMatMul = defineQLinear(matMul, {
  name: 'QLinearMatMul',
  parse(node, inputs) {
    operandsOf(node, inputs, 8);
    const columns = inputs[3]!.shape.length - 1;
    const a = operandQuantization(node, inputs, { what: 'a', operand: 0, scale: 1, zeroPoint: 2 });
    const b = operandQuantization(node, inputs, {
      what: 'b',
      operand: 3,
      scale: 4,
      zeroPoint: 5,
      ...(columns > 0 ? { axis: columns } : {}),
    });
    const result = resultQuantization(node, inputs, { scale: 6, zeroPoint: 7 }, a.type);
    const { attributes } = matMul.parse(node, [inputs[0], inputs[3]], 0);
    return {
      attributes: { operator: 'MatMul', attributes, operands: [a, b], result },
      operands: [0, 3],
    };
  },
  evaluate(attributes, operands) {
    const { shape } = inferQLinear(matMul, attributes, operands, 'QLinearMatMul')[0]!;
    return [evaluateProducts(matMul, attributes, operands, shape.length - 1)];
  },
});
