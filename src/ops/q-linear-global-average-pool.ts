// QLinearGlobalAveragePool: the mean of each channel of 8 bit integers; an operator of ONNX Runtime.
import { sizeOf, tensor } from '../tensor/tensor.ts';
import { channelsFirst } from './channels-last.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { centred, defineQLinear, expectAtMost, operandQuantization, resultQuantization } from './q-linear.ts';
import { requantized } from './requantize.ts';

/**
 * Inputs x, its scale and zero point, scale and zero point of the result.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.QLinearGlobalAveragePool
 */
export const qLinearGlobalAveragePool = defineQLinear(globalAveragePool, {
  name: 'QLinearGlobalAveragePool',
  parse(node, inputs) {
    expectAtMost(node, inputs, 5);
    const x = operandQuantization(node, inputs, { what: 'x', operand: 0, scale: 1, zeroPoint: 2 });
    const result = resultQuantization(node, inputs, { scale: 3, zeroPoint: 4 }, x.type);
    const { attributes } = globalAveragePool.parse(channelsFirst(node), [inputs[0]], 0);
    return {
      attributes: { operator: 'GlobalAveragePool', attributes, operands: [x], result },
      operands: [0],
    };
  },
  evaluate({ attributes, operands: [quantization], result }, [x]) {
    const integers = centred(x!, quantization!);
    const means = globalAveragePool.evaluate(attributes, [integers])[0]!;
    const count = sizeOf(x!.shape) / sizeOf(means.shape);
    const sums = tensor(
      'float64',
      means.shape,
      Float64Array.from(means.data, (mean) => Math.round(mean * count)),
    );
    const ratio = Math.fround(quantization!.scale[0]! / Math.fround(result!.scale[0]! * count));
    return [requantized(sums, result!, () => ratio)];
  },
});
