// Interpolation along one axis: which elements of a line an element of the resized line mixes, and how much of each.
// Coordinates are computed in float32, as ONNX Runtime does, since a tie or a whole number decides the neighbour.
import { type Shape, sizeOf } from '../tensor/tensor.ts';

export const COORDINATES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
] as const;

export const NEAREST = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;

export interface Interpolation {
  readonly mode: 'nearest' | 'linear';
  /** Where an element of the result lies between those of the operand. */
  readonly coordinates: (typeof COORDINATES)[number];
  /** Which neighbour is the nearest; only `nearest` asks. */
  readonly nearest: (typeof NEAREST)[number];
}

/** An element of the operand's line and its weight, never 0. */
export interface LineTap {
  readonly from: number;
  readonly weight: number;
}

const single = Math.fround;

/** How long a line becomes. */
export function resizedLength(length: number, scale: number): number {
  return Math.floor(single(length * single(scale)));
}

/** A scale in float32 that makes a line of `from` elements one of `to`. */
export function scaleToLength(from: number, to: number): number {
  const scale = single(to / from);
  if (resizedLength(from, scale) === to) return scale;
  // The quotient was rounded down; the next float32 above it is not.
  const bits = new Uint32Array(Float32Array.of(scale).buffer);
  bits[0]! += 1;
  return new Float32Array(bits.buffer)[0]!;
}

/** For every element of the resized line, what it mixes. */
export function lineTaps(how: Interpolation, length: number, scale: number): readonly (readonly LineTap[])[] {
  const resized = resizedLength(length, scale);
  return Array.from({ length: resized }, (_, position) => {
    const at = single(scale) === 1 ? position : original(how.coordinates, position, length, resized, scale);
    const within = (index: number) => Math.max(0, Math.min(length - 1, index));
    if (how.mode === 'nearest') return [{ from: within(nearestTo(how.nearest, at)), weight: 1 }];
    const clamped = within(at);
    const low = Math.floor(clamped);
    const high = within(low + 1);
    const upper = single(clamped - low);
    return [
      { from: low, weight: high === low ? 1 : 1 - upper },
      { from: high, weight: high === low ? 0 : upper },
    ].filter(({ weight }) => weight !== 0);
  });
}

/** The coordinate on the operand's line of an element of the resized one. */
function original(
  coordinates: Interpolation['coordinates'],
  position: number,
  length: number,
  resized: number,
  given: number,
): number {
  const scale = single(given);
  const halfPixel = () => single(single(single(position + 0.5) / scale) - 0.5);
  switch (coordinates) {
    case 'asymmetric':
      return single(position / scale);
    case 'align_corners':
      return resized === 1 ? 0 : single(single(position * (length - 1)) / (resized - 1));
    case 'pytorch_half_pixel':
      return resized === 1 ? 0 : halfPixel();
    case 'half_pixel':
      return halfPixel();
    case 'half_pixel_symmetric': {
      // What rounding the length down cuts off, it cuts off on both sides.
      const kept = single(resized / single(scale * length));
      const offset = single(single(length / 2) * single(1 - kept));
      return single(single(offset + single(single(position + 0.5) / scale)) - 0.5);
    }
  }
}

function nearestTo(nearest: Interpolation['nearest'], at: number): number {
  switch (nearest) {
    case 'floor':
      return Math.floor(at);
    case 'ceil':
      return Math.ceil(at);
    case 'round_prefer_floor':
      return Math.ceil(at - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(at + 0.5);
  }
}

/** The elements of `shape` interpolated along `axis`, in float64. */
export function interpolated(
  data: ArrayLike<number>,
  shape: Shape,
  axis: number,
  taps: readonly (readonly LineTap[])[],
): Float64Array {
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const out = new Float64Array(outer * taps.length * inner);
  for (let o = 0; o < outer; o++) {
    taps.forEach((line, position) => {
      const to = (o * taps.length + position) * inner;
      for (const { from, weight } of line) {
        const start = (o * shape[axis]! + from) * inner;
        for (let i = 0; i < inner; i++) out[to + i]! += weight * data[start + i]!;
      }
    });
  }
  return out;
}
