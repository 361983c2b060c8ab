// Integer sums to 8 bit integers of another scale, rounded where ONNX Runtime rounds.
import { roundHalfEven } from '../tensor/grid.ts';
import { floatTensor, type Tensor, tensor } from '../tensor/tensor.ts';
import { dequantizeLinear } from './dequantize-linear.ts';
import { channelAt } from './linear-quantization.ts';
import type { Op } from './op.ts';
import { centred, type QLinearAttributes } from './q-linear.ts';
import { type Quantization, rangeOf } from './quantization.ts';
import { quantizeLinear } from './quantize-linear.ts';

/** q = saturate(round(sum * ratio) + zero point), the product in float32, ties to even. */
export function requantized(sums: Tensor, result: Quantization, ratioAt: (i: number) => number): Tensor {
  const [low, high] = rangeOf(result.type);
  const zero = result.zeroPoint[0]!;
  const out = tensor(result.type, sums.shape);
  for (let i = 0; i < out.data.length; i++) {
    const q = roundHalfEven(Math.fround(Math.fround(sums.data[i]!) * ratioAt(i))) + zero;
    out.data[i] = Math.min(Math.max(q, low), high);
  }
  return out;
}

/**
 * Evaluates an operator that sums products of operands 0 and 1: the sums in whole numbers, then times the product of
 * their scales over that of the result.
 * @param axis axis of the result along which the weights have their scales
 * @param alpha a factor of the sums
 */
export function evaluateProducts<A>(
  op: Op<string, A>,
  { attributes, operands: quantizations, result }: QLinearAttributes<string, A>,
  operands: readonly Tensor[],
  axis: number,
  alpha = 1,
): Tensor {
  const [x, weights] = quantizations as [Quantization, Quantization];
  const integers = operands.map((operand, i) => centred(operand, quantizations[i]!));
  const sums = op.evaluate(attributes, integers)[0]!;
  const channel = channelAt({ ...weights, axis }, sums.shape);
  const first = Math.fround(alpha * x.scale[0]!);
  const scales = weights.scale.map((scale) => Math.fround(first * scale));
  if (result !== null) {
    const ratios = scales.map((scale) => Math.fround(scale / result.scale[0]!));
    return requantized(sums, result, (i) => ratios[channel(i)]!);
  }
  return floatTensor(
    sums.shape,
    Float32Array.from(sums.data, (sum, i) => Math.fround(sum) * scales[channel(i)]!),
  );
}

/** Evaluates an operator between quantizers as they stand: its operands as floats, the result rounded to its grid. */
export function evaluateOnFloats<A>(
  op: Op<string, A>,
  { attributes, operands: quantizations, result }: QLinearAttributes<string, A>,
  operands: readonly Tensor[],
): Tensor {
  const floats = operands.map((operand, i) => dequantizeLinear.evaluate(quantizations[i]!, [operand])[0]!);
  return quantizeLinear.evaluate(result!, op.evaluate(attributes, floats))[0]!;
}
