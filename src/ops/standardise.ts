// Mean 0 and variance 1 along some axes, shared by the operators that normalise by the statistics of running data.
import { broadcastIndex } from '../tensor/broadcast.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { reducedShape } from './mean.ts';

/** (x - mean) / sqrt(variance + epsilon), with mean and variance over `axes`; in float64. */
export function standardised(x: Tensor, axes: readonly number[], epsilon: number): Float64Array {
  const shape = reducedShape(x.shape, axes);
  const group = broadcastIndex(shape, x.shape);
  const groups = sizeOf(shape);
  const count = x.data.length / groups;
  const means = new Float64Array(groups);
  const variances = new Float64Array(groups);
  for (let i = 0; i < group.length; i++) means[group[i]!]! += x.data[i]! / count;
  for (let i = 0; i < group.length; i++)
    variances[group[i]!]! += (x.data[i]! - means[group[i]!]!) ** 2 / count;
  return Float64Array.from(group, (g, i) => (x.data[i]! - means[g]!) / Math.sqrt(variances[g]! + epsilon));
}

/** value * scale + shift of a tensor like `x`; scale and shift are taken as of shape `per`, broadcast. */
export function scaledAndShifted(
  x: Tensor,
  values: Float64Array,
  per: Shape,
  scale: Tensor,
  shift: Tensor | undefined,
): Tensor {
  const index = broadcastIndex(per, x.shape);
  const out = tensor(x.dtype, x.shape);
  for (let i = 0; i < values.length; i++) {
    out.data[i] = values[i]! * scale.data[index[i]!]! + (shift?.data[index[i]!] ?? 0);
  }
  return out;
}
