// Channels last, as kernels want it, and channels first, as the network has it.
import type { Network } from '../../snn/network/network.ts';
import { type Shape, sizeOf } from '../../tensor/tensor.ts';

/** One image's worth of a layer: [C, H, W], one position of [F]; other ranks have their positions in one row. */
export interface Plane {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly positions: number;
  /** Channels in memory, padding included. */
  readonly stride: number;
}

/** What the strides of a network's planes are multiples of. */
export function strideStep({ arithmetic }: Network): number {
  return arithmetic === 'integer' ? 8 : 4;
}

/** @param step what the stride is a multiple of: 4 float32, 8 integers */
export function planeOf(shape: Shape, step: number): Plane {
  const [channels = 1, ...rest] = shape;
  const [height, width] = rest.length === 2 ? [rest[0]!, rest[1]!] : [1, sizeOf(rest)];
  const stride = Math.ceil(channels / step) * step;
  return { channels, height, width, positions: height * width, stride };
}

/** Elements in memory. */
export function lengthOf({ positions, stride }: Plane): number {
  return positions * stride;
}

/** Where element i of [C, H, W] lies in memory. */
export function elementAt({ positions, stride }: Plane, i: number): number {
  const channel = Math.floor(i / positions);
  return (i - channel * positions) * stride + channel;
}

/** Copies [C, H, W] into memory order; padding is left alone. */
export function toMemory(
  plane: Plane,
  from: ArrayLike<number>,
  to: Float32Array | Float64Array | Int32Array,
): void {
  const { channels, positions, stride } = plane;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < positions; p++) to[p * stride + c] = from[c * positions + p]!;
  }
}

/** Copies memory order into [C, H, W]. */
export function fromMemory<A extends Float32Array | Float64Array>(
  plane: Plane,
  from: ArrayLike<number>,
  to: A,
): A {
  const { channels, positions, stride } = plane;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < positions; p++) to[c * positions + p] = from[p * stride + c]!;
  }
  return to;
}
