// Neurons and encoders: compare with the threshold, update what is left, and write who spiked (masks.ts).
//
// pmax and pmin stand for max and min: they differ in the sign of a zero, which no comparison sees, and are one
// instruction on x86. What lies in the padding is 0 and reaches no threshold.
//
// What was tried (EPYC, Node 20, November 2026; cycles for four float32 neurons at a step): lists of rows written here, 8.6;
// masks, 5.7; two vectors a turn, 4.9, where compiled C takes 3.8. Lists of them take 3 more, yet may be shorter (lists.ts).
// A window at once with h and g in registers waits for its own results: 8.2, two vectors a turn 7.2.
// (Xeon; billions of neurons a second, 10 % firing): fireF64 with one vector a turn 0.34, with two 0.83.
import { maskOf } from './masks';

const RELU = 1;
const BOUNDS = 2;

export function fireF32(
  h: usize,
  g: usize,
  positions: i32,
  stride: i32,
  mode: i32,
  low: usize,
  high: usize,
  scale: f32,
  beta: f32,
  amplitude: f32,
  threshold: f32,
  masks: usize,
): void {
  const end = h + ((positions * stride) << 2);
  if (mode == BOUNDS) {
    boundedF32(h, g, end, stride, low, high, scale, beta, amplitude, threshold, masks);
    return;
  }
  const least = f32x4.splat(mode == RELU ? 0 : -Infinity);
  const betas = f32x4.splat(beta);
  const amplitudes = f32x4.splat(amplitude);
  const thresholds = f32x4.splat(threshold);
  const magnitude = i32x4.splat(0x7fffffff);
  for (; h + 32 <= end; h += 32, g += 32, masks += 2) {
    const amplified = f32x4.mul(betas, v128.load(g));
    const o = f32x4.sub(f32x4.pmax(v128.load(h), least), amplified);
    const fired = f32x4.ge(v128.and(o, magnitude), thresholds);
    v128.store(g, f32x4.add(amplified, emitted(o, fired, magnitude, amplitudes)));
    const amplified2 = f32x4.mul(betas, v128.load(g, 16));
    const o2 = f32x4.sub(f32x4.pmax(v128.load(h, 16), least), amplified2);
    const fired2 = f32x4.ge(v128.and(o2, magnitude), thresholds);
    v128.store(g, f32x4.add(amplified2, emitted(o2, fired2, magnitude, amplitudes)), 16);
    store<u16>(masks, maskOf(fired, o) | (maskOf(fired2, o2) << 8));
  }
  if (h == end) return;
  const amplified = f32x4.mul(betas, v128.load(g));
  const o = f32x4.sub(f32x4.pmax(v128.load(h), least), amplified);
  const fired = f32x4.ge(v128.and(o, magnitude), thresholds);
  v128.store(g, f32x4.add(amplified, emitted(o, fired, magnitude, amplitudes)));
  store<u8>(masks, maskOf(fired, o));
}

/** The same where f has bounds of each channel. */
function boundedF32(
  h: usize,
  g: usize,
  end: usize,
  stride: i32,
  low: usize,
  high: usize,
  scale: f32,
  beta: f32,
  amplitude: f32,
  threshold: f32,
  masks: usize,
): void {
  const betas = f32x4.splat(beta);
  const amplitudes = f32x4.splat(amplitude);
  const scales = f32x4.splat(scale);
  const thresholds = f32x4.splat(threshold);
  const magnitude = i32x4.splat(0x7fffffff);
  while (h < end) {
    for (let c = 0; c < stride << 2; c += 16, h += 16, g += 16, masks++) {
      let x = f32x4.pmax(v128.load(h), f32x4.mul(v128.load(low + c), scales));
      x = f32x4.pmin(x, f32x4.mul(v128.load(high + c), scales));
      const amplified = f32x4.mul(betas, v128.load(g));
      const o = f32x4.sub(x, amplified);
      const fired = f32x4.ge(v128.and(o, magnitude), thresholds);
      v128.store(g, f32x4.add(amplified, emitted(o, fired, magnitude, amplitudes)));
      store<u8>(masks, maskOf(fired, o));
    }
  }
}

/** What neurons that fired add to g: the amplitude with the sign of o. */
export function emitted(o: v128, fired: v128, magnitude: v128, amplitudes: v128): v128 {
  return v128.and(v128.or(amplitudes, v128.andnot(o, magnitude)), fired);
}

export function fireF64(
  u: usize,
  g: usize,
  positions: i32,
  stride: i32,
  mode: i32,
  low: usize,
  high: usize,
  scale: f64,
  beta: f64,
  amplitude: f64,
  threshold: f64,
  beyond: i32,
  masks: usize,
): void {
  const betas = f64x2.splat(beta);
  const amplitudes = f64x2.splat(amplitude);
  const scales = f64x2.splat(scale);
  const up = f64x2.splat(threshold);
  const down = f64x2.splat(-threshold);
  for (let p = 0; p < positions; p++) {
    // Four neurons a turn: two vectors share the loop, and their masks become one.
    for (let c = 0; c < stride; c += 4, u += 32, g += 32, masks++) {
      let x = v128.load(u);
      let y = v128.load(u, 16);
      if (mode == RELU) {
        x = f64x2.pmax(x, f64x2.splat(0));
        y = f64x2.pmax(y, f64x2.splat(0));
      } else if (mode == BOUNDS) {
        x = f64x2.pmax(x, f64x2.mul(v128.load(low + (c << 3)), scales));
        y = f64x2.pmax(y, f64x2.mul(v128.load(low + (c << 3), 16), scales));
        x = f64x2.pmin(x, f64x2.mul(v128.load(high + (c << 3)), scales));
        y = f64x2.pmin(y, f64x2.mul(v128.load(high + (c << 3), 16), scales));
      }
      const amplifiedX = f64x2.mul(betas, v128.load(g));
      const amplifiedY = f64x2.mul(betas, v128.load(g, 16));
      x = f64x2.sub(x, amplifiedX);
      y = f64x2.sub(y, amplifiedY);
      let plusX: v128, plusY: v128, minusX: v128, minusY: v128;
      if (beyond) {
        // A tie stays silent.
        plusX = f64x2.gt(x, up);
        plusY = f64x2.gt(y, up);
        minusX = f64x2.lt(x, down);
        minusY = f64x2.lt(y, down);
      } else {
        plusX = f64x2.ge(x, up);
        plusY = f64x2.ge(y, up);
        minusX = f64x2.le(x, down);
        minusY = f64x2.le(y, down);
      }
      const emittedX = f64x2.sub(v128.and(plusX, amplitudes), v128.and(minusX, amplitudes));
      const emittedY = f64x2.sub(v128.and(plusY, amplitudes), v128.and(minusY, amplitudes));
      v128.store(g, f64x2.add(amplifiedX, emittedX));
      v128.store(g, f64x2.add(amplifiedY, emittedY), 16);
      const plus = v128.shuffle<i32>(plusX, plusY, 0, 2, 4, 6);
      const minus = v128.shuffle<i32>(minusX, minusY, 0, 2, 4, 6);
      store<u8>(masks, maskOf(v128.or(plus, minus), minus));
    }
  }
}

export function encodeF32(
  u: usize,
  input: usize,
  n: i32,
  beta: f32,
  threshold: f32,
  amplitude: f32,
  masks: usize,
): void {
  const betas = f32x4.splat(beta);
  const amplitudes = f32x4.splat(amplitude);
  const thresholds = f32x4.splat(threshold);
  const magnitude = i32x4.splat(0x7fffffff);
  for (const end = u + (n << 2); u < end; u += 16, masks++) {
    let v = f32x4.mul(betas, v128.load(u));
    if (input) {
      v = f32x4.add(v, v128.load(input));
      input += 16;
    }
    const fired = f32x4.ge(v128.and(v, magnitude), thresholds);
    v128.store(u, f32x4.sub(v, emitted(v, fired, magnitude, amplitudes)));
    store<u8>(masks, maskOf(fired, v));
  }
}
