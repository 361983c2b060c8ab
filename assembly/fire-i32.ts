// Firing of integer neurons, from the membranes of up to four sources to masks in one pass. A decision is one of float64,
// yet almost all are clear in float32: o is computed there, and where it comes close to a threshold once more, exactly.
//
// How close: let eps = 2^-24 and x_k be a source's membrane times its scale. In float32 each x_k is within 3 eps (three
// roundings), the bias within 1, and up to four sums within eps of m, the sum of all magnitudes: u is within 8 eps m. f,
// which bounds its argument, takes no two numbers further apart. Were u and its float32 on two sides of a decision, then the
// potential v that decides, amplified g plus or minus the threshold, would lie between them and |u| near |v|; and as
// |x_0| <= |u| + |bias| + the other |x_k|, m would be less than 2 (|amplified| + threshold + |bias| + the other |x_k|). With
// a few more roundings that is within 32 eps of the parenthesis, which no |x_0| is needed for.
//
// What was tried (EPYC, Node 20, November 2026; ResNet-20 in integers, T 8, an image):
// - All in float64, sums in a pass of their own: sumI32 0.73 ms and fireF64 1.01.
// - One loop that asks for sources, modes and padding at every vector, the exact way inlined: 1.61 ms. A loop for each number
//   of sources, the exact way called from it: 1.24. The call outside of the loop, which it robs of its registers: 1.18.
// - Of 2.8 ns a vector, rows take 0.4 (0.6 of 2.0 in fireF32); what is left is the number of instructions, 4 to 5 a cycle.
// - Eight neurons a turn, one branch for both vectors: 0.80 instead of 0.84 ms; too little for twice the code.
import { emitted } from './fire';
import { maskOf } from './masks';

const RELU = 1;
const BOUNDS = 2;

/** 32 eps. */
const CLOSE: f32 = 1.0 / 524288;

// What the exact way needs, out of the way of the loops' registers.
let sources: i32 = 0;
let scales0: usize = 0;
let scales1: usize = 0;
let scales2: usize = 0;
let scales3: usize = 0;
let biases: usize = 0;
let biasShare: f64 = 0;
let modeOf: i32 = 0;
let lows: usize = 0;
let highs: usize = 0;
let scaleOf: f64 = 0;
let thresholdOf: f64 = 0;
let beyondOnly: i32 = 0;

export function fireI32(
  count: i32,
  h0: usize,
  h1: usize,
  h2: usize,
  h3: usize,
  scale0: usize,
  scale1: usize,
  scale2: usize,
  scale3: usize,
  bias: usize,
  share: f64,
  g: usize,
  positions: i32,
  stride: i32,
  mode: i32,
  low: usize,
  high: usize,
  scale: f64,
  amplitude: f32,
  threshold: f64,
  beyond: i32,
  singles: usize,
  masks: usize,
): void {
  sources = count;
  scales0 = scale0;
  scales1 = scale1;
  scales2 = scale2;
  scales3 = scale3;
  biases = bias;
  biasShare = share;
  modeOf = mode;
  lows = low;
  highs = high;
  scaleOf = scale;
  thresholdOf = threshold;
  beyondOnly = beyond;
  prepare(singles, stride);
  const all = singles + ((stride as usize) >> 2) * VECTORS;
  const end = g + ((positions * stride) << 2);
  if (count == 1) fire<i8>(h0, h1, h2, h3, g, end, amplitude, singles, all, masks);
  else if (count == 2) fire<i16>(h0, h1, h2, h3, g, end, amplitude, singles, all, masks);
  else fire<i32>(h0, h1, h2, h3, g, end, amplitude, singles, all, masks);
}

/**
 * What a channel's neurons have in common, in float32 and by vectors: the bias, how close is close, the bounds, and the
 * scales of the sources. In the padding all is 0 but the threshold, which nothing reaches there.
 */
function prepare(singles: usize, stride: i32): void {
  for (let c = 0; c < stride; c++) {
    const at = singles + ((c as usize) >> 2) * VECTORS + ((c & 3) << 2);
    const d = c << 3;
    const bias: f32 = biases ? <f32>(load<f64>(biases + d) * biasShare) : 0;
    store<f32>(at, bias);
    store<f32>(at, CLOSE * (<f32>thresholdOf + abs(bias)), 16);
    const bounded = modeOf == BOUNDS;
    const low: f32 = modeOf == RELU ? 0 : -f32.MAX_VALUE;
    store<f32>(at, bounded ? <f32>(load<f64>(lows + d) * scaleOf) : low, 32);
    store<f32>(at, bounded ? <f32>(load<f64>(highs + d) * scaleOf) : f32.MAX_VALUE, 48);
    store<f32>(at, <f32>load<f64>(scales0 + d), 64);
    if (sources > 1) store<f32>(at, <f32>load<f64>(scales1 + d), 80);
    if (sources > 2) store<f32>(at, <f32>load<f64>(scales2 + d), 96);
    if (sources > 3) store<f32>(at, <f32>load<f64>(scales3 + d), 112);
  }
}

/** Bytes of what four channels have in common. */
const VECTORS: usize = 128;

/** S: i8 where there is one source, i16 where there are two, i32 for more. */
function fire<S>(
  h0: usize,
  h1: usize,
  h2: usize,
  h3: usize,
  g: usize,
  end: usize,
  amplitude: f32,
  singles: usize,
  all: usize,
  masks: usize,
): void {
  const magnitude = i32x4.splat(0x7fffffff);
  const amplitudes = f32x4.splat(amplitude);
  const thresholds = f32x4.splat(<f32>thresholdOf);
  const close = f32x4.splat(CLOSE);
  let own = singles;
  while (true) {
    // No call stands in this loop, which would take the registers from it.
    while (g < end) {
      let x = f32x4.mul(f32x4.convert_i32x4_s(v128.load(h0)), v128.load(own, 64));
      const before = v128.load(g);
      const amplified = f32x4.add(before, before);
      let sum = v128.and(amplified, magnitude);
      if (sizeof<S>() > 1) {
        const y = f32x4.mul(f32x4.convert_i32x4_s(v128.load(h1)), v128.load(own, 80));
        x = f32x4.add(x, y);
        sum = f32x4.add(sum, v128.and(y, magnitude));
      }
      if (sizeof<S>() > 2) {
        const y = f32x4.mul(f32x4.convert_i32x4_s(v128.load(h2)), v128.load(own, 96));
        x = f32x4.add(x, y);
        sum = f32x4.add(sum, v128.and(y, magnitude));
        if (sources > 3) {
          const y = f32x4.mul(f32x4.convert_i32x4_s(v128.load(h3)), v128.load(own, 112));
          x = f32x4.add(x, y);
          sum = f32x4.add(sum, v128.and(y, magnitude));
        }
      }
      x = f32x4.add(x, v128.load(own));
      x = f32x4.pmin(f32x4.pmax(x, v128.load(own, 32)), v128.load(own, 48));
      const o = f32x4.sub(x, amplified);
      const over = f32x4.sub(v128.and(o, magnitude), thresholds);
      const error = f32x4.add(f32x4.mul(sum, close), v128.load(own, 16));
      if (i32x4.bitmask(f32x4.gt(v128.and(over, magnitude), error)) != 15) break;
      const fired = f32x4.ge(over, f32x4.splat(0));
      v128.store(g, f32x4.add(amplified, emitted(o, fired, magnitude, amplitudes)));
      store<u8>(masks, maskOf(fired, o));
      h0 += 16;
      if (sizeof<S>() > 1) h1 += 16;
      if (sizeof<S>() > 2) {
        h2 += 16;
        h3 += 16;
      }
      g += 16;
      masks++;
      own += VECTORS;
      if (own == all) own = singles;
    }
    if (g == end) return;
    const before = v128.load(g);
    const amplified = f32x4.add(before, before);
    const o = exactly(h0, h1, h2, h3, amplified, (own - singles) >> 2);
    const fired = f32x4.ne(o, f32x4.splat(0));
    v128.store(g, f32x4.add(amplified, emitted(o, fired, magnitude, amplitudes)));
    store<u8>(masks, maskOf(fired, o));
    h0 += 16;
    if (sizeof<S>() > 1) h1 += 16;
    if (sizeof<S>() > 2) {
      h2 += 16;
      h3 += 16;
    }
    g += 16;
    masks++;
    own += VECTORS;
    if (own == all) own = singles;
  }
}

/** The spikes of four neurons in the order of the reference, float32; `d` is where their channels lie among float64. */
function exactly(h0: usize, h1: usize, h2: usize, h3: usize, amplified: v128, d: usize): v128 {
  const low = f64x2.promote_low_f32x4(amplified);
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(amplified, amplified, 2, 3, 2, 3));
  const x = f64x2.sub(potential(h0, h1, h2, h3, d), low);
  const y = f64x2.sub(potential(h0 + 8, h1 + 8, h2 + 8, h3 + 8, d + 16), high);
  const plus = v128.shuffle<i32>(reached(x), reached(y), 0, 2, 4, 6);
  const minus = v128.shuffle<i32>(reached(f64x2.neg(x)), reached(f64x2.neg(y)), 0, 2, 4, 6);
  return f32x4.convert_i32x4_s(i32x4.sub(minus, plus));
}

/** f of two sums of sources. */
function potential(h0: usize, h1: usize, h2: usize, h3: usize, d: usize): v128 {
  let x = scaled(h0, scales0 + d);
  if (sources > 1) x = f64x2.add(x, scaled(h1, scales1 + d));
  if (sources > 2) x = f64x2.add(x, scaled(h2, scales2 + d));
  if (sources > 3) x = f64x2.add(x, scaled(h3, scales3 + d));
  if (biases) x = f64x2.add(x, f64x2.mul(v128.load(biases + d), f64x2.splat(biasShare)));
  if (modeOf == RELU) return f64x2.pmax(x, f64x2.splat(0));
  if (modeOf != BOUNDS) return x;
  const scale = f64x2.splat(scaleOf);
  x = f64x2.pmax(x, f64x2.mul(v128.load(lows + d), scale));
  return f64x2.pmin(x, f64x2.mul(v128.load(highs + d), scale));
}

function scaled(h: usize, scale: usize): v128 {
  return f64x2.mul(v128.load(scale), f64x2.convert_low_i32x4_s(v128.load64_zero(h)));
}

/** Where o reaches the threshold; where only beyond it counts, a tie stays silent. */
function reached(o: v128): v128 {
  const threshold = f64x2.splat(thresholdOf);
  return beyondOnly ? f64x2.gt(o, threshold) : f64x2.ge(o, threshold);
}
