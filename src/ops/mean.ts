// The mean over some axes, shared by ReduceMean, ReduceSum and GlobalAveragePool.
import { broadcastIndex } from '../tensor/broadcast.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import type { Synapses } from './op.ts';

/** `shape` with the axes reduced to size 1. */
export function reducedShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
}

/** The mean over `axes`, which keep size 1; summed in float64. */
export function meanOver(x: Tensor, axes: readonly number[]): Tensor {
  const shape = reducedShape(x.shape, axes);
  const target = broadcastIndex(shape, x.shape);
  const sums = new Float64Array(sizeOf(shape));
  for (let i = 0; i < target.length; i++) sums[target[i]!]! += x.data[i]!;
  const count = x.data.length / sums.length;
  const out = tensor(x.dtype, shape);
  for (let i = 0; i < sums.length; i++) out.data[i] = sums[i]! / count;
  return out;
}

/** Every element of an operand of shape `from` goes to the one mean that it is part of. */
export function meanSynapses(from: Shape, axes: readonly number[]): Synapses {
  const shape = reducedShape(from, axes);
  const target = broadcastIndex(shape, from);
  const weight = sizeOf(shape) / sizeOf(from);
  return (source, visit) => visit(target[source]!, weight);
}
