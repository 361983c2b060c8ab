// A step's spikes as kernels write them, a byte for each four channels (kernels.ts), and as -1, 0 and 1.
import type { Plane } from './plane.ts';

/** What the four neurons of a byte send. */
export function signsOf(mask: number): number[] {
  return [0, 1, 2, 3].map((i) => ((mask >> i) & 1) * (1 - 2 * ((mask >> (4 + i)) & 1)));
}

/** The byte of what four neurons send. */
export function maskOf(signs: readonly number[]): number {
  return signs.reduce((mask, s, i) => mask | (s === 0 ? 0 : (s > 0 ? 1 : 17) << i), 0);
}

/** Bytes of a step. */
export function masksLength({ positions, stride }: Plane): number {
  return (positions * stride) / 4;
}

/** Calls `visit` for every spike: its position, its channel, and -1 or 1. */
export function eachSpike(
  masks: Uint8Array,
  { positions, stride }: Plane,
  visit: (position: number, channel: number, sign: number) => void,
): void {
  const quads = stride / 4;
  for (let p = 0; p < positions; p++) {
    for (let q = 0; q < quads; q++) {
      const mask = masks[p * quads + q]!;
      for (let i = 0; i < 4; i++) {
        if ((mask >> i) & 1) visit(p, 4 * q + i, (mask >> (4 + i)) & 1 ? -1 : 1);
      }
    }
  }
}

/** Writes spikes [C, H, W], none of which is anything but -1, 0 or 1. */
export function fillMasks(
  masks: Uint8Array,
  spikes: ArrayLike<number>,
  { channels, positions, stride }: Plane,
): void {
  const quads = stride / 4;
  masks.fill(0);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < positions; p++) {
      const s = spikes[c * positions + p]!;
      if (s !== 0) masks[p * quads + (c >> 2)]! |= (s > 0 ? 1 : 17) << (c & 3);
    }
  }
}
