// The same elements under another shape, for operators that do nothing else.
import type { Shape, Tensor } from '../tensor/tensor.ts';

/** The tensor under `shape`. A grid with a scale for each channel stays where the axes up to it do, else it is lost. */
export function reshaped(x: Tensor, shape: Shape): Tensor {
  const { grid, ...rest } = x;
  const kept =
    grid !== undefined &&
    (grid.scale.length === 1 || x.shape.slice(0, grid.axis + 1).every((dim, axis) => dim === shape[axis]));
  return { ...rest, shape, ...(kept ? { grid } : {}) };
}
