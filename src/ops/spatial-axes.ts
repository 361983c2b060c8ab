// The axes of [N, C, ...] behind the channels.
import type { Shape } from '../tensor/tensor.ts';

/** 2, 3, ... up to the last axis. */
export function spatialAxes(shape: Shape): number[] {
  return shape.map((_, axis) => axis).slice(2);
}
