// QGemm: Gemm of 8 bit integers; an operator of ONNX Runtime.
import { attributesOf } from './attributes.ts';
import { gemm } from './gemm.ts';
import {
  biasQuantization,
  defineQLinear,
  expectAtMost,
  operandQuantization,
  resultQuantization,
} from './q-linear.ts';
import { evaluateProducts } from './requantize.ts';

/**
 * Y = alpha (A' B' + C) with C in int32 of scale(A) * scale(B). Inputs A, its scale and zero point, B, its scales and
 * zero points (one, or one for each column of B'), C, scale and zero point of the result; without them it is
 * floating point. https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QGemm
 */
export const qGemm = defineQLinear(gemm, {
  name: 'QGemm',
  parse(node, inputs) {
    expectAtMost(node, inputs, 9);
    const read = attributesOf(node, ['alpha', 'transA', 'transB']);
    const alpha = read.float('alpha') ?? 1;
    const transB = read.flag('transB', false);
    const a = operandQuantization(node, inputs, { what: 'A', operand: 0, scale: 1, zeroPoint: 2 });
    const b = operandQuantization(node, inputs, {
      what: 'B',
      operand: 3,
      scale: 4,
      zeroPoint: 5,
      axis: transB ? 0 : 1,
    });
    const bias = inputs[6];
    const result =
      inputs[7] === undefined && inputs[8] === undefined
        ? null
        : resultQuantization(node, inputs, { scale: 7, zeroPoint: 8 }, a.type);
    return {
      attributes: {
        operator: 'Gemm',
        attributes: { alpha, beta: alpha, transA: read.flag('transA', false), transB },
        operands: [a, b, ...(bias === undefined ? [] : [biasQuantization(node, bias, a, b)])],
        result,
      },
      operands: [0, 3, ...(bias === undefined ? [] : [6])],
    };
  },
  evaluate(quantized, operands) {
    const { alpha } = quantized.attributes;
    const sums = { ...quantized.attributes, alpha: 1, beta: 1 };
    return [evaluateProducts(gemm, { ...quantized, attributes: sums }, operands, 1, alpha)];
  },
});
