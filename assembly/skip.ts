// Skips past a layer: every channel of a position reaches one channel, as many further on for all, of the position that sees
// it; strided skips see only some. All neurons are looked at, four at a time: where a tenth or more of them spike that is less
// work than walking lists.
//
// What was tried (EPYC, Node 20, November 2026; a ResNet-20's skips, T 8, an image): synapse by synapse (table.ts) 0.92 ms; by
// tables of targets by row 0.30, since those of a whole layer do not stay in the cache; by tables of channels where positions
// are alike 0.24. So: 0.19.
import { firedLanes, negativeLanes } from './masks';

export function skipF32(
  masks: usize,
  width: i32,
  quads: i32,
  h: usize,
  heightOut: i32,
  widthOut: i32,
  stride: i32,
  strideY: i32,
  strideX: i32,
  offset: i32,
  weights: usize,
): void {
  skip<f32>(masks, width, quads, h, heightOut, widthOut, stride, strideY, strideX, offset, weights, 0);
}

export function skipI32(
  masks: usize,
  width: i32,
  quads: i32,
  h: usize,
  heightOut: i32,
  widthOut: i32,
  stride: i32,
  strideY: i32,
  strideX: i32,
  offset: i32,
  weights: usize,
  first: i32,
): void {
  skip<i32>(masks, width, quads, h, heightOut, widthOut, stride, strideY, strideX, offset, weights, first);
}

function skip<T>(
  masks: usize,
  width: i32,
  quads: i32,
  h: usize,
  heightOut: i32,
  widthOut: i32,
  stride: i32,
  strideY: i32,
  strideX: i32,
  offset: i32,
  weights: usize,
  first: i32,
): void {
  h += offset << 2;
  for (let oy = 0; oy < heightOut; oy++) {
    for (let ox = 0; ox < widthOut; ox++) {
      const seen = masks + (oy * strideY * width + ox * strideX) * quads;
      const target = h + (((oy * widthOut + ox) * stride) << 2);
      let q = 0;
      for (; q + 4 <= quads; q += 4) {
        const at = q << 4;
        const four = load<u32>(seen + q);
        send<T>(four, target + at, weights + at, first);
        send<T>(four >> 8, target + at + 16, weights + at + 16, first);
        send<T>(four >> 16, target + at + 32, weights + at + 32, first);
        send<T>(four >> 24, target + at + 48, weights + at + 48, first);
      }
      for (; q < quads; q++) send<T>(load<u8>(seen + q), target + (q << 4), weights + (q << 4), first);
    }
  }
}

/** What four neurons send; their mask is in the low byte. Whole numbers are doubled before where `first` is 1. */
function send<T>(mask: i32, target: usize, weights: usize, first: i32): void {
  const weight = v128.and(v128.load(weights), firedLanes(mask));
  const negative = negativeLanes(mask);
  if (isFloat<T>()) {
    const sent = v128.xor(weight, v128.and(negative, i32x4.splat(0x80000000)));
    v128.store(target, f32x4.add(v128.load(target), sent));
  } else {
    // A number with all bits turned is one less than its negative.
    const sent = i32x4.sub(v128.xor(weight, negative), negative);
    v128.store(target, i32x4.add(i32x4.shl(v128.load(target), first), sent));
  }
}
