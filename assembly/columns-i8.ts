// The same as columns-f32.ts with the 8-bit weights of gather-i8.ts, two bytes at a time. Sums are exact modulo 2^16, and no
// output of the layer may leave 16 bits in a step: so nothing is flushed in between.
//
// What was tried (EPYC, Node 20, November 2026; billions of additions a second: 32x32x16 with 25 % spiking, 16x16x32 with
// 20 %, 8x8x64 with 12 %):
// - A window after the other (gather-i8.ts): 15, 30, 50. So: 35, 50, 52; all gathers of a ResNet-20 at T 8: 2.7 to 3.2 ms,
//   then 1.5. At 16 channels and 10 % 8 and 20: there the end of a run, which no predictor knows, is what costs: 27 of the 64
//   cycles that 16 channels of a run of 9 rows take. Rows of several channels: row-codings.ts.
// - Loads that widen 8 bytes to 16 bits, which are twice as many: 29, 36, 37. With 12 accumulators, 32 channels: 22 at 32.

/** Bytes of the weights that a spike adds to 16 channels of three outputs. */
const ROW = 48;

export function columnsI8(
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  perPosition: i32,
  weights: usize,
  stride: i32,
  h: usize,
  widthOut: i32,
  kernelWidth: i32,
  strideX: i32,
  padLeft: i32,
  first: i32,
): void {
  const tap = perPosition * ROW;
  for (let ox = 0; ox < widthOut; ox++, h += stride * 4) {
    const x = ox * strideX - padLeft;
    const left = max(x, 0);
    const right = max(min(x + kernelWidth, width), left);
    let slice = weights;
    for (let c = 0; c < stride; c += 16, slice += kernelWidth * tap) {
      column16(
        starts + (left << 2),
        (right - left) << 2,
        width << 2,
        rows,
        height,
        slice - x * tap,
        width * tap,
        h + (c << 2),
        widthOut * stride * 4,
        first,
      );
    }
  }
}

/** 16 channels of a column. Parameters as in columns-f32.ts; h = 2^shift h + what arrives. */
function column16(
  starts: usize,
  run: usize,
  lineStarts: usize,
  rows: usize,
  height: i32,
  weights: usize,
  lineWeights: usize,
  h: usize,
  lineBytes: usize,
  shift: i32,
): void {
  let bothA = i16x8.splat(0);
  let highA = i16x8.splat(0);
  let bothB = i16x8.splat(0);
  let highB = i16x8.splat(0);
  let bytesA = 0;
  let bytesB = 0;
  for (let y = 0; y < height; y++) {
    let bothC = i16x8.splat(0);
    let highC = i16x8.splat(0);
    const begin = rows + (load<i32>(starts) << 2);
    const end = rows + (load<i32>(starts + run) << 2);
    for (let spike = begin; spike < end; spike += 4) {
      const row = weights + load<i32>(spike) * ROW;
      const wC = v128.load(row);
      bothC = i16x8.add(bothC, wC);
      highC = i16x8.add(highC, i16x8.shr_s(wC, 8));
      const wB = v128.load(row, 16);
      bothB = i16x8.add(bothB, wB);
      highB = i16x8.add(highB, i16x8.shr_s(wB, 8));
      const wA = v128.load(row, 32);
      bothA = i16x8.add(bothA, wA);
      highA = i16x8.add(highA, i16x8.shr_s(wA, 8));
    }
    const bytes = <i32>(end - begin);
    if (y > 0) flush(h - lineBytes, bothA, highA, bytesA + bytes, shift);
    bothA = bothB;
    highA = highB;
    bytesA = bytesB + bytes;
    bothB = bothC;
    highB = highC;
    bytesB = bytes;
    starts += lineStarts;
    weights -= lineWeights;
    h += lineBytes;
  }
  flush(h - lineBytes, bothA, highA, bytesA, shift);
}

/** h = 2^shift h + the sums of rows, of which there are `bytes` in a list. */
function flush(h: usize, both: v128, high: v128, bytes: i32, shift: i32): void {
  // Low bytes are 128 larger than they are.
  const offset = i16x8.splat(<i16>(bytes << 5));
  const low = i16x8.sub(i16x8.sub(both, i16x8.shl(high, 8)), offset);
  put(h, i32x4.extend_low_i16x8_s(low), shift);
  put(h + 16, i32x4.extend_high_i16x8_s(low), shift);
  put(h + 32, i32x4.extend_low_i16x8_s(high), shift);
  put(h + 48, i32x4.extend_high_i16x8_s(high), shift);
}

function put(h: usize, sum: v128, shift: i32): void {
  v128.store(h, i32x4.add(i32x4.shl(v128.load(h), shift), sum));
}
