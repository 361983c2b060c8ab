// QLinearAdd: Add of 8 bit integers of two scales; an operator of ONNX Runtime.
import { add } from './add.ts';
import { evaluateBinary } from './elementwise.ts';
import { centred, defineQLinear, expectAtMost, operandQuantization, resultQuantization } from './q-linear.ts';
import { requantized } from './requantize.ts';

/**
 * Inputs a, its scale and zero point, b, its scale and zero point, scale and zero point of the result.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearAdd
 */
export const qLinearAdd = defineQLinear(add, {
  name: 'QLinearAdd',
  parse(node, inputs) {
    expectAtMost(node, inputs, 8);
    const a = operandQuantization(node, inputs, { what: 'a', operand: 0, scale: 1, zeroPoint: 2 });
    const b = operandQuantization(node, inputs, { what: 'b', operand: 3, scale: 4, zeroPoint: 5 });
    const result = resultQuantization(node, inputs, { scale: 6, zeroPoint: 7 }, a.type);
    const { attributes } = add.parse(node, [inputs[0], inputs[3]], 14);
    return { attributes: { operator: 'Add', attributes, operands: [a, b], result }, operands: [0, 3] };
  },
  evaluate({ operands, result }, [a, b]) {
    const [first, second] = operands.map(({ scale }) => Math.fround(scale[0]! / result!.scale[0]!));
    const sums = evaluateBinary(centred(a!, operands[0]!), centred(b!, operands[1]!), (x, y) =>
      Math.fround(Math.fround(first! * x) + Math.fround(second! * y)),
    );
    return [requantized(sums, result!, () => 1)];
  },
});
