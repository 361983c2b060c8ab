// The one loop behind every operator that only moves elements.
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts';

/** The tensor of `shape` whose element `i` is element `index[i]` of `source`; a grid of one scale is kept. */
export function elementsAt(source: Tensor, index: Int32Array, shape: Shape): Tensor {
  const out = tensor(source.dtype, shape);
  for (let i = 0; i < index.length; i++) out.data[i] = source.data[index[i]!]!;
  const { grid } = source;
  return grid?.scale.length === 1 ? { ...out, grid } : out;
}
