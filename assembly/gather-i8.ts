// Gather with 8-bit weights: up to 256 rows are summed in 16 bits, then flushed to the int32 membranes.
//
// A vector of 16 weights is added as 8 numbers of 16 bits, low + 256 high, and its high bytes, shifted down, once more:
// two additions and one shift. The sum of the low bytes is the first sum less 256 times the second. It stays below 2^16
// since low bytes are stored 128 larger than they are (gatherWeightsI8), and the rows are counted.
//
// What was tried (Xeon with 2 MB of L2, Node 20, November 2026; billions of additions a second, 3x3 over 8x8x64, 20 %
// spiking):
// - Loads that widen 8 bytes to 16 bits, which keep the shuffle port busy: 29.2 at C_out 64. Pairs: 41.0.
// - 128 channels a turn, 16 accumulators, which spill: 25.2 at C_out 128. Twice 64: 42.0.
import { windowRows } from './window-rows';

/** Bytes of the list that 256 rows take: as many as 16 bits hold. */
const BLOCK: usize = 1024;

export function gatherI8(
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  perPosition: i32,
  weights: usize,
  stride: i32,
  h: usize,
  heightOut: i32,
  widthOut: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideY: i32,
  strideX: i32,
  dilationY: i32,
  dilationX: i32,
  padTop: i32,
  padLeft: i32,
  list: usize,
  first: i32,
): void {
  for (let oy = 0; oy < heightOut; oy++) {
    const y = oy * strideY - padTop;
    for (let ox = 0; ox < widthOut; ox++) {
      const x = ox * strideX - padLeft;
      const end = windowRows(
        list,
        starts,
        rows,
        height,
        width,
        perPosition,
        y,
        x,
        kernelHeight,
        kernelWidth,
        dilationY,
        dilationX,
        stride,
      );
      let c = 0;
      for (; c + 64 <= stride; c += 64) add64(h + c * 4, weights + c, list, end, first);
      if (c + 32 <= stride) {
        add32(h + c * 4, weights + c, list, end, first);
        c += 32;
      }
      if (c + 16 <= stride) {
        add16(h + c * 4, weights + c, list, end, first);
        c += 16;
      }
      if (c < stride) add8(h + c * 4, weights + c, list, end, first);
      h += stride * 4;
    }
  }
}

/** h = 2^shift h + the sums of `count` rows of 16 channels. */
function flush(h: usize, both: v128, high: v128, count: i32, shift: i32): void {
  const low = i16x8.sub(both, i16x8.shl(high, 8));
  const offset = i32x4.splat(count * 128);
  put(h, i32x4.sub(i32x4.extend_low_i16x8_u(low), offset), shift);
  put(h + 16, i32x4.sub(i32x4.extend_high_i16x8_u(low), offset), shift);
  put(h + 32, i32x4.extend_low_i16x8_s(high), shift);
  put(h + 48, i32x4.extend_high_i16x8_s(high), shift);
}

function put(h: usize, sum: v128, shift: i32): void {
  v128.store(h, i32x4.add(i32x4.shl(v128.load(h), shift), sum));
}

/** 64 channels. */
function add64(h: usize, weights: usize, list: usize, end: usize, shift: i32): void {
  do {
    const block = min(list + BLOCK, end);
    const count = <i32>(block - list) >> 2;
    let both0 = i16x8.splat(0);
    let high0 = i16x8.splat(0);
    let both1 = i16x8.splat(0);
    let high1 = i16x8.splat(0);
    let both2 = i16x8.splat(0);
    let high2 = i16x8.splat(0);
    let both3 = i16x8.splat(0);
    let high3 = i16x8.splat(0);
    for (; list < block; list += 4) {
      const row = weights + load<u32>(list);
      const w0 = v128.load(row, 0);
      both0 = i16x8.add(both0, w0);
      high0 = i16x8.add(high0, i16x8.shr_s(w0, 8));
      const w1 = v128.load(row, 16);
      both1 = i16x8.add(both1, w1);
      high1 = i16x8.add(high1, i16x8.shr_s(w1, 8));
      const w2 = v128.load(row, 32);
      both2 = i16x8.add(both2, w2);
      high2 = i16x8.add(high2, i16x8.shr_s(w2, 8));
      const w3 = v128.load(row, 48);
      both3 = i16x8.add(both3, w3);
      high3 = i16x8.add(high3, i16x8.shr_s(w3, 8));
    }
    flush(h, both0, high0, count, shift);
    flush(h + 64, both1, high1, count, shift);
    flush(h + 128, both2, high2, count, shift);
    flush(h + 192, both3, high3, count, shift);
    shift = 0;
  } while (list < end);
}

/** 32 channels. */
function add32(h: usize, weights: usize, list: usize, end: usize, shift: i32): void {
  do {
    const block = min(list + BLOCK, end);
    const count = <i32>(block - list) >> 2;
    let both0 = i16x8.splat(0);
    let high0 = i16x8.splat(0);
    let both1 = i16x8.splat(0);
    let high1 = i16x8.splat(0);
    for (; list < block; list += 4) {
      const row = weights + load<u32>(list);
      const w0 = v128.load(row, 0);
      both0 = i16x8.add(both0, w0);
      high0 = i16x8.add(high0, i16x8.shr_s(w0, 8));
      const w1 = v128.load(row, 16);
      both1 = i16x8.add(both1, w1);
      high1 = i16x8.add(high1, i16x8.shr_s(w1, 8));
    }
    flush(h, both0, high0, count, shift);
    flush(h + 64, both1, high1, count, shift);
    shift = 0;
  } while (list < end);
}

/** 16 channels. */
function add16(h: usize, weights: usize, list: usize, end: usize, shift: i32): void {
  do {
    const block = min(list + BLOCK, end);
    const count = <i32>(block - list) >> 2;
    let both0 = i16x8.splat(0);
    let high0 = i16x8.splat(0);
    for (; list < block; list += 4) {
      const row = weights + load<u32>(list);
      const w0 = v128.load(row, 0);
      both0 = i16x8.add(both0, w0);
      high0 = i16x8.add(high0, i16x8.shr_s(w0, 8));
    }
    flush(h, both0, high0, count, shift);
    shift = 0;
  } while (list < end);
}

/** The last 8 channels, their weights as they are. */
function add8(h: usize, weights: usize, list: usize, end: usize, shift: i32): void {
  do {
    const block = min(list + BLOCK, end);
    let sum = i16x8.splat(0);
    for (; list < block; list += 4) {
      sum = i16x8.add(sum, v128.load_ext<i8>(weights + load<u32>(list)));
    }
    put(h, i32x4.extend_low_i16x8_s(sum), shift);
    put(h + 16, i32x4.extend_high_i16x8_s(sum), shift);
    shift = 0;
  } while (list < end);
}
