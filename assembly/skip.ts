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
  const sign = i32x4.splat(0x80000000);
  h += offset << 2;
  for (let oy = 0; oy < heightOut; oy++) {
    for (let ox = 0; ox < widthOut; ox++) {
      const seen = masks + (oy * strideY * width + ox * strideX) * quads;
      const target = h + (((oy * widthOut + ox) * stride) << 2);
      let q = 0;
      for (; q + 4 <= quads; q += 4) {
        const at = q << 4;
        const four = load<u32>(seen + q);
        sendF32(four, target + at, weights + at, sign);
        sendF32(four >> 8, target + at + 16, weights + at + 16, sign);
        sendF32(four >> 16, target + at + 32, weights + at + 32, sign);
        sendF32(four >> 24, target + at + 48, weights + at + 48, sign);
      }
      for (; q < quads; q++) sendF32(load<u8>(seen + q), target + (q << 4), weights + (q << 4), sign);
    }
  }
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
  h += offset << 2;
  for (let oy = 0; oy < heightOut; oy++) {
    for (let ox = 0; ox < widthOut; ox++) {
      const seen = masks + (oy * strideY * width + ox * strideX) * quads;
      const target = h + (((oy * widthOut + ox) * stride) << 2);
      let q = 0;
      for (; q + 4 <= quads; q += 4) {
        const at = q << 4;
        const four = load<u32>(seen + q);
        sendI32(four, target + at, weights + at, first);
        sendI32(four >> 8, target + at + 16, weights + at + 16, first);
        sendI32(four >> 16, target + at + 32, weights + at + 32, first);
        sendI32(four >> 24, target + at + 48, weights + at + 48, first);
      }
      for (; q < quads; q++) sendI32(load<u8>(seen + q), target + (q << 4), weights + (q << 4), first);
    }
  }
}

/** What four neurons send; their mask is in the low byte. */
function sendF32(mask: i32, target: usize, weights: usize, sign: v128): void {
  const weight = v128.and(v128.load(weights), firedLanes(mask));
  const sent = v128.xor(weight, v128.and(negativeLanes(mask), sign));
  v128.store(target, f32x4.add(v128.load(target), sent));
}

function sendI32(mask: i32, target: usize, weights: usize, first: i32): void {
  const weight = v128.and(v128.load(weights), firedLanes(mask));
  const negative = negativeLanes(mask);
  // A number with all bits turned is one less than its negative.
  const sent = i32x4.sub(v128.xor(weight, negative), negative);
  v128.store(target, i32x4.add(i32x4.shl(v128.load(target), first), sent));
}
