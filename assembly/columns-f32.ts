// Gather in float32 for windows of three lines that advance by one: down a column of outputs. The spikes that an output sees
// in one line of its window are one run of rows, and the outputs above and below see the same run through the other lines
// of the kernel. So three outputs are at work at a time, 8 channels of each in registers, and every spike of a run is added
// to all three. Nothing is listed, and an output still adds in the order (ky, kx, spike).
//
// What was tried (EPYC, Node 20, November 2026; billions of additions a second: 32x32x16 with 25 % spiking, 16x16x32 with
// 20 %, 8x8x64 with 12 %):
// - A window after the other (gather-f32.ts): 12.1, 16.1, 18.9. So: 16.9, 19.3, 18.9. All gathers of a ResNet-20 at T 8:
//   4.2 ms, then 3.7.
// - 16 channels, 12 accumulators: 12.2, 12.0, 10.7. V8 moves the loads of a loop's body before its additions, so all 12 are
//   alive beside the accumulators, and spill. 13.2, 13.4, 12.4 with accumulators in memory between runs. With branches never
//   taken that keep loads and additions in groups of 2: 18.0, 18.7, 17.2, and 0.1 ms of 5.6 in the ResNet-20; not kept.
// - Weights in the order of gatherF32, where a spike's lie in three places: 16.7, 17.4, 16.3.
// - A layer's weights read once in order before its window, since other layers have driven them from the cache: 2.84 + 0.03
//   instead of 2.96 ms an image, lost in noise where integers are added; not kept.
// - Runs of rows end where no predictor knows: of 58 cycles that 8 channels of a run of 9 rows take, 8 are lost to that. As many
//   rows for every run, those of silence among them (quads of 16 channels, 12 rows a run): 1.30 ms instead of 1.06.
// - Lists of byte offsets instead of rows: 0.1 ms of 2.6 in the ResNet-20; not kept, since other kernels want rows. Lines of h
//   64 bytes further apart, against conflicts in L1: nothing. Slices in the inner loop: 1.03 instead of 0.96 at 16 channels.
// A machine of this kind loads 5.3 to 7 G vectors a second in compiled C, which is 21 to 28 G additions.

/** Bytes of the weights that a spike adds to 8 channels of three outputs. */
const ROW = 96;

export function columnsF32(
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
  beta: f32,
  first: i32,
  bias: usize,
  biasStride: i32,
): void {
  const rowBytes = stride * 4;
  const scale: f32 = first ? beta : 1;
  let slice = weights;
  for (let c = 0; c < rowBytes; c += 32, slice += kernelWidth * perPosition * ROW) {
    for (let ox = 0; ox < widthOut; ox++) {
      const x = ox * strideX - padLeft;
      const left = max(x, 0);
      const right = max(min(x + kernelWidth, width), left);
      column8(
        starts + (left << 2),
        (right - left) << 2,
        width << 2,
        rows,
        height,
        slice - x * perPosition * ROW,
        width * perPosition * ROW,
        h + ox * rowBytes + c,
        widthOut * rowBytes,
        scale,
        bias ? bias + c + ox * biasStride * 4 : 0,
        widthOut * biasStride * 4,
      );
    }
  }
}

/**
 * 8 channels of a column.
 * @param starts of the first run; the others follow `lineStarts` bytes apart
 * @param run bytes from the start of a run in `starts` to its end
 * @param weights those of the first line's run, as if its rows counted from there; `lineWeights` less for each further line
 */
function column8(
  starts: usize,
  run: usize,
  lineStarts: usize,
  rows: usize,
  height: i32,
  weights: usize,
  lineWeights: usize,
  h: usize,
  lineBytes: usize,
  scale: f32,
  bias: usize,
  biasLine: usize,
): void {
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(0);
  let b0 = opened(h, scale, bias, 0);
  let b1 = opened(h, scale, bias, 16);
  for (let y = 0; y < height; y++) {
    // Below the last line there is nothing to open: it is opened again and dropped.
    const below = y + 1 < height ? lineBytes : 0;
    const biasBelow = y + 1 < height ? biasLine : 0;
    let c0 = opened(h + below, scale, bias + biasBelow, 0);
    let c1 = opened(h + below, scale, bias + biasBelow, 16);
    const end = rows + (load<i32>(starts + run) << 2);
    for (let spike = rows + (load<i32>(starts) << 2); spike < end; spike += 4) {
      const row = weights + load<i32>(spike) * ROW;
      c0 = f32x4.add(c0, v128.load(row, 0));
      c1 = f32x4.add(c1, v128.load(row, 16));
      b0 = f32x4.add(b0, v128.load(row, 32));
      b1 = f32x4.add(b1, v128.load(row, 48));
      a0 = f32x4.add(a0, v128.load(row, 64));
      a1 = f32x4.add(a1, v128.load(row, 80));
    }
    if (y > 0) {
      const above = h - lineBytes;
      v128.store(above, a0, 0);
      v128.store(above, a1, 16);
    }
    a0 = b0;
    a1 = b1;
    b0 = c0;
    b1 = c1;
    starts += lineStarts;
    weights -= lineWeights;
    h += lineBytes;
    bias += biasLine;
  }
  h -= lineBytes;
  v128.store(h, a0, 0);
  v128.store(h, a1, 16);
}

/** Where an accumulator begins: the membrane, amplified, and its bias. */
function opened(h: usize, scale: f32, bias: usize, offset: usize): v128 {
  const amplified = f32x4.mul(v128.load(h + offset), f32x4.splat(scale));
  return bias ? f32x4.add(amplified, v128.load(bias + offset)) : amplified;
}
