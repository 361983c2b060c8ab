// What ConvInteger and MatMulInteger share: x and constant weights, each less its zero point, multiplied in int32.
import type { OnnxNode } from '../onnx/model.ts';
import { castTensor, type DType, isFloat, type Tensor, tensor } from '../tensor/tensor.ts';
import { dequantizeLinear } from './dequantize-linear.ts';
import { type Fact, refuse } from './op.ts';
import { constantInput, operandsOf } from './operands.ts';
import { coveringGrid, type Quantization } from './quantization.ts';

export interface ZeroPoints {
  /** Of x. */
  readonly zeroPoint: number;
  /** Of the weights: one, or one for each output channel. */
  readonly weightZeroPoints: readonly number[];
  /** int8 or uint8, of x and of the weights; of an x in floating point uint8, which it would be. */
  readonly types: readonly [DType, DType];
}

/**
 * Reads inputs x, weights, zero point of x, zero points of the weights (0 where left out). x is 8 bit integers, or
 * floating point where DynamicQuantizeLinear made it.
 */
export function readZeroPoints(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  channels: (weights: Fact) => number | undefined,
): ZeroPoints {
  operandsOf(node, inputs, 2, 4);
  const [x, weights] = inputs as [Fact, Fact];
  const fail = (message: string, code: 'invalid-graph' | 'unsupported-type' | 'dynamic-shape') =>
    refuse(node.name, `${node.opType} expects ${message}`, code);
  const is8Bit = (dtype: DType) => dtype === 'int8' || dtype === 'uint8';
  if (weights.value === undefined)
    fail('constant weights, found them computed from the data', 'dynamic-shape');
  if (!is8Bit(weights.dtype) || !(is8Bit(x.dtype) || (isFloat(x.dtype) && x.value === undefined))) {
    fail(`8 bit integers, found ${x.dtype} and ${weights.dtype}`, 'unsupported-type');
  }
  for (const [fact, own, what] of [
    [inputs[2], x.dtype, 'x'],
    [inputs[3], weights.dtype, 'its weights'],
  ] as const) {
    if (fact !== undefined && fact.dtype !== own && !isFloat(own)) {
      fail(`a zero point of ${what} of type ${own}, found ${fact.dtype}`, 'invalid-graph');
    }
  }
  const own = constantInput(node, inputs, 2, 'zero point of x') ?? [0];
  const others = constantInput(node, inputs, 3, 'zero points of its weights') ?? [0];
  if (own.length !== 1) fail(`one zero point of x, found ${own.length}`, 'invalid-graph');
  if (isFloat(x.dtype) && own[0] !== 0) {
    fail(`the zero point that belongs to x (a floating point value), found ${own[0]}`, 'invalid-graph');
  }
  const expected = channels(weights);
  if (others.length !== 1 && others.length !== expected) {
    fail(`one zero point of its weights or ${expected}, found ${others.length}`, 'invalid-graph');
  }
  const type = isFloat(x.dtype) ? 'uint8' : x.dtype;
  return { zeroPoint: own[0]!, weightZeroPoints: others, types: [type, weights.dtype] };
}

/** The zero points as inputs 2 and 3. */
export function encodeZeroPoints({ zeroPoint, weightZeroPoints, types }: ZeroPoints): readonly Tensor[] {
  const shape = weightZeroPoints.length === 1 ? [] : [weightZeroPoints.length];
  return [tensor(types[0], [], [zeroPoint]), tensor(types[1], shape, weightZeroPoints)];
}

/** Facts of the operands as the operator of floating point numbers sees them. */
export function asFloats(operands: readonly Fact[]): readonly Fact[] {
  return operands.map(({ shape }) => ({ dtype: 'float32', shape }));
}

/** int32, or floating point where x is. */
export function productType(x: Pick<Fact, 'dtype'>): DType {
  return isFloat(x.dtype) ? 'float32' : 'int32';
}

/** Computes the product by an operator of floating point numbers, in float64, which holds int32 exactly. */
export function evaluateProduct(
  { zeroPoint, weightZeroPoints }: ZeroPoints,
  axis: number,
  [x, weights]: readonly Tensor[],
  multiply: (x: Tensor, weights: Tensor) => Tensor,
): Tensor {
  const data = Float64Array.from(x!.data, (q) => q - zeroPoint);
  const product = multiply({ ...x!, dtype: 'float64', data }, wholeWeights(weights!, weightZeroPoints, axis));
  return castTensor(product, productType(x!));
}

/** The weights less their zero points (one, or one for each index of `axis`), on their grid of whole numbers. */
export function wholeWeights(weights: Tensor, zeroPoints: readonly number[], axis: number): Tensor {
  const quantization: Quantization = {
    type: weights.dtype as 'int8' | 'uint8',
    scale: zeroPoints.map(() => 1),
    zeroPoint: zeroPoints,
    axis,
  };
  const [whole] = dequantizeLinear.evaluate(quantization, [weights]);
  return { ...whole!, grid: { ...coveringGrid(quantization), scale: [1], axis: 0 } };
}
