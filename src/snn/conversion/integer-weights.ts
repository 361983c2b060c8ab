// Weighted maps of whole numbers: which weight meets which input channel, in how many bits, and what becomes of constants.
import type { NodeNamed } from '../../graph/graph.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../tensor/tensor.ts';
import { applied, type IntegerSum, imageTensor } from './integer-sum.ts';

/** What a weighted map makes of the constant part of its input, and its bias; null where there is neither. */
export function mappedConstant(
  node: NodeNamed<'Conv'> | NodeNamed<'Gemm'>,
  input: IntegerSum,
  weights: Tensor,
  bias: Tensor | null,
): Float64Array | null {
  if (input.constant === null && bias === null) return null;
  const constant = input.constant ?? new Float64Array(sizeOf(input.shape));
  return applied(node, [imageTensor(constant, input.shape), weights, ...(bias === null ? [] : [bias])]);
}

/** The input channel that the weight at a flat index multiplies. */
export function inputChannelOf(
  node: NodeNamed<'Conv'> | NodeNamed<'Gemm'>,
  shape: Shape,
): (index: number) => number {
  const [outputs, fan] = shape as [number, number];
  if (node.op === 'Gemm') return (index) => index % fan;
  const kernel = sizeOf(shape.slice(2));
  const perGroup = outputs / node.attributes.group;
  return (index) => {
    const output = Math.floor(index / (fan * kernel));
    return Math.floor(output / perGroup) * fan + (Math.floor(index / kernel) % fan);
  };
}

/** Eight bits where they are enough. */
export function narrow(shape: Shape, integers: Int16Array): Tensor {
  const fits = integers.every((value) => value >= -128 && value <= 127);
  return fits ? tensor('int8', shape, Int8Array.from(integers)) : tensor('int16', shape, integers);
}
