// Neurons and encoders: compare with the threshold, update what is left, and write the spikes as rows.
//
// pmax and pmin stand for max and min: they differ in the sign of a zero, which no comparison sees, and are one
// instruction on x86.
//
// What was tried (Xeon, Node 20, November 2026; billions of neurons a second, 10 % firing): fireF64 with one vector a turn
// 0.34, with two 0.83; fireF32 with padding masked in every turn 0.90, only where it begins 1.05.
// Later, for a ResNet-20 in integers (EPYC, T 8): sums of the sources where they are compared instead of in a pass of their
// own (sumI32, 0.73 ms, and fireF64, 1.01 ms) took 1.77 ms at one: conversions to float64 bound it, not memory.
import { emit } from './emit';

const RELU = 1;
const BOUNDS = 2;

export function fireF32(
  h: usize,
  g: usize,
  positions: i32,
  channels: i32,
  stride: i32,
  mode: i32,
  low: usize,
  high: usize,
  scale: f32,
  beta: f32,
  amplitude: f32,
  threshold: f32,
  starts: usize,
  rows: usize,
): i32 {
  const first = rows;
  const betas = f32x4.splat(beta);
  const amplitudes = f32x4.splat(amplitude);
  const scales = f32x4.splat(scale);
  const up = f32x4.splat(threshold);
  const down = f32x4.splat(-threshold);
  const count = i32x4.splat(channels);
  for (let p = 0; p < positions; p++) {
    store<i32>(starts + (p << 2), <i32>(rows - first) >> 2);
    let numbers = i32x4.add(i32x4.splat(p * 2 * channels), i32x4(0, 1, 2, 3));
    for (let c = 0; c < stride; c += 4, h += 16, g += 16) {
      let x = v128.load(h);
      if (mode == RELU) x = f32x4.pmax(x, f32x4.splat(0));
      else if (mode == BOUNDS) {
        x = f32x4.pmax(x, f32x4.mul(v128.load(low + (c << 2)), scales));
        x = f32x4.pmin(x, f32x4.mul(v128.load(high + (c << 2)), scales));
      }
      const amplified = f32x4.mul(betas, v128.load(g));
      const o = f32x4.sub(x, amplified);
      let plus = f32x4.ge(o, up);
      let minus = f32x4.le(o, down);
      if (c + 4 > channels) {
        const neurons = i32x4.lt_s(i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3)), count);
        plus = v128.and(plus, neurons);
        minus = v128.and(minus, neurons);
      }
      const emitted = f32x4.sub(v128.and(plus, amplitudes), v128.and(minus, amplitudes));
      v128.store(g, f32x4.add(amplified, emitted));
      rows = emit(rows, i32x4.add(numbers, v128.and(minus, count)), v128.or(plus, minus));
      numbers = i32x4.add(numbers, i32x4.splat(4));
    }
  }
  const spikes = <i32>(rows - first) >> 2;
  store<i32>(starts + (positions << 2), spikes);
  return spikes;
}

export function fireF64(
  u: usize,
  g: usize,
  positions: i32,
  channels: i32,
  stride: i32,
  mode: i32,
  low: usize,
  high: usize,
  scale: f64,
  beta: f64,
  amplitude: f64,
  threshold: f64,
  beyond: i32,
  starts: usize,
  rows: usize,
): i32 {
  const first = rows;
  const betas = f64x2.splat(beta);
  const amplitudes = f64x2.splat(amplitude);
  const scales = f64x2.splat(scale);
  const up = f64x2.splat(threshold);
  const down = f64x2.splat(-threshold);
  const count = i64x2.splat(channels);
  const negative = i32x4.splat(channels);
  for (let p = 0; p < positions; p++) {
    store<i32>(starts + (p << 2), <i32>(rows - first) >> 2);
    let numbers = i32x4.add(i32x4.splat(p * 2 * channels), i32x4(0, 1, 2, 3));
    // Four neurons a turn: two vectors share the loop, and their masks become one.
    for (let c = 0; c < stride; c += 4, u += 32, g += 32) {
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
      if (c + 4 > channels) {
        const inX = i64x2.lt_s(i64x2.add(i64x2.splat(c), i64x2(0, 1)), count);
        const inY = i64x2.lt_s(i64x2.add(i64x2.splat(c), i64x2(2, 3)), count);
        plusX = v128.and(plusX, inX);
        plusY = v128.and(plusY, inY);
        minusX = v128.and(minusX, inX);
        minusY = v128.and(minusY, inY);
      }
      const emittedX = f64x2.sub(v128.and(plusX, amplitudes), v128.and(minusX, amplitudes));
      const emittedY = f64x2.sub(v128.and(plusY, amplitudes), v128.and(minusY, amplitudes));
      v128.store(g, f64x2.add(amplifiedX, emittedX));
      v128.store(g, f64x2.add(amplifiedY, emittedY), 16);
      const plus = v128.shuffle<i32>(plusX, plusY, 0, 2, 4, 6);
      const minus = v128.shuffle<i32>(minusX, minusY, 0, 2, 4, 6);
      rows = emit(rows, i32x4.add(numbers, v128.and(minus, negative)), v128.or(plus, minus));
      numbers = i32x4.add(numbers, i32x4.splat(4));
    }
  }
  const spikes = <i32>(rows - first) >> 2;
  store<i32>(starts + (positions << 2), spikes);
  return spikes;
}

export function encodeF32(
  u: usize,
  input: usize,
  positions: i32,
  channels: i32,
  stride: i32,
  beta: f32,
  threshold: f32,
  amplitude: f32,
  starts: usize,
  rows: usize,
): i32 {
  const first = rows;
  const betas = f32x4.splat(beta);
  const amplitudes = f32x4.splat(amplitude);
  const up = f32x4.splat(threshold);
  const down = f32x4.splat(-threshold);
  const count = i32x4.splat(channels);
  for (let p = 0; p < positions; p++) {
    store<i32>(starts + (p << 2), <i32>(rows - first) >> 2);
    let numbers = i32x4.add(i32x4.splat(p * 2 * channels), i32x4(0, 1, 2, 3));
    for (let c = 0; c < stride; c += 4, u += 16) {
      let v = f32x4.mul(betas, v128.load(u));
      if (input) {
        v = f32x4.add(v, v128.load(input));
        input += 16;
      }
      let plus = f32x4.ge(v, up);
      let minus = f32x4.le(v, down);
      if (c + 4 > channels) {
        const neurons = i32x4.lt_s(i32x4.add(i32x4.splat(c), i32x4(0, 1, 2, 3)), count);
        plus = v128.and(plus, neurons);
        minus = v128.and(minus, neurons);
      }
      const emitted = f32x4.sub(v128.and(plus, amplitudes), v128.and(minus, amplitudes));
      v128.store(u, f32x4.sub(v, emitted));
      rows = emit(rows, i32x4.add(numbers, v128.and(minus, count)), v128.or(plus, minus));
      numbers = i32x4.add(numbers, i32x4.splat(4));
    }
  }
  const spikes = <i32>(rows - first) >> 2;
  store<i32>(starts + (positions << 2), spikes);
  return spikes;
}
