// Gather in float32: each output position adds the weight rows of the spikes in its receptive field, with its channels in
// registers.
//
// What was tried (Xeon with 2 MB of L2, Node 20, November 2026; billions of additions a second, 3x3 over 8x8x64 with 10 %
// and 20 % spiking):
// - 16 accumulators, 64 channels a turn: 13.0 and 13.7 at C_out 64. 8 accumulators: 14.8 and 15.8. V8 has 15 vector
//   registers to give, so 16 spill.
// - Slices of 64 or 128 channels in the outermost loop, so that weights stay in L2: slower, at C_out 256 from 12.5 to 10.5
//   and 11.8, and where the weights do not fit into L2 (8x8x256, 256 filters) from 8.0 to 7.5 and 7.9.
// - Two rows a turn at 16 channels (EPYC, ResNet-20's 16x32x32 layers): 11.0 and 7.7 instead of 10.7 and 9.4.
import { windowRows } from './window-rows';

export function gatherF32(
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
  beta: f32,
  first: i32,
  bias: usize,
  biasStride: i32,
): void {
  const rowBytes = stride * 4;
  const scale: f32 = first ? beta : 1;
  const factor = f32x4.splat(bias ? 1 : scale);
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
        rowBytes,
      );
      if (bias) {
        addBias(h, bias, rowBytes, f32x4.splat(scale));
        bias += biasStride * 4;
      }
      let c = 0;
      for (; c + 128 <= rowBytes; c += 128) add32(h + c, weights + c, list, end, factor);
      if (c + 64 <= rowBytes) {
        add16(h + c, weights + c, list, end, factor);
        c += 64;
      }
      for (; c < rowBytes; c += 16) add4(h + c, weights + c, list, end, factor);
      h += rowBytes;
    }
  }
}

function addBias(h: usize, bias: usize, bytes: i32, factor: v128): void {
  for (let c = 0; c < bytes; c += 16) {
    v128.store(h + c, f32x4.add(f32x4.mul(v128.load(h + c), factor), v128.load(bias + c)));
  }
}

/** 32 channels: 8 accumulators. */
function add32(h: usize, weights: usize, list: usize, end: usize, factor: v128): void {
  let a0 = f32x4.mul(v128.load(h, 0), factor);
  let a1 = f32x4.mul(v128.load(h, 16), factor);
  let a2 = f32x4.mul(v128.load(h, 32), factor);
  let a3 = f32x4.mul(v128.load(h, 48), factor);
  let a4 = f32x4.mul(v128.load(h, 64), factor);
  let a5 = f32x4.mul(v128.load(h, 80), factor);
  let a6 = f32x4.mul(v128.load(h, 96), factor);
  let a7 = f32x4.mul(v128.load(h, 112), factor);
  for (; list < end; list += 4) {
    const row = weights + load<u32>(list);
    a0 = f32x4.add(a0, v128.load(row, 0));
    a1 = f32x4.add(a1, v128.load(row, 16));
    a2 = f32x4.add(a2, v128.load(row, 32));
    a3 = f32x4.add(a3, v128.load(row, 48));
    a4 = f32x4.add(a4, v128.load(row, 64));
    a5 = f32x4.add(a5, v128.load(row, 80));
    a6 = f32x4.add(a6, v128.load(row, 96));
    a7 = f32x4.add(a7, v128.load(row, 112));
  }
  v128.store(h, a0, 0);
  v128.store(h, a1, 16);
  v128.store(h, a2, 32);
  v128.store(h, a3, 48);
  v128.store(h, a4, 64);
  v128.store(h, a5, 80);
  v128.store(h, a6, 96);
  v128.store(h, a7, 112);
}

/** 16 channels: 4 accumulators. */
function add16(h: usize, weights: usize, list: usize, end: usize, factor: v128): void {
  let a0 = f32x4.mul(v128.load(h, 0), factor);
  let a1 = f32x4.mul(v128.load(h, 16), factor);
  let a2 = f32x4.mul(v128.load(h, 32), factor);
  let a3 = f32x4.mul(v128.load(h, 48), factor);
  for (; list < end; list += 4) {
    const row = weights + load<u32>(list);
    a0 = f32x4.add(a0, v128.load(row, 0));
    a1 = f32x4.add(a1, v128.load(row, 16));
    a2 = f32x4.add(a2, v128.load(row, 32));
    a3 = f32x4.add(a3, v128.load(row, 48));
  }
  v128.store(h, a0, 0);
  v128.store(h, a1, 16);
  v128.store(h, a2, 32);
  v128.store(h, a3, 48);
}

/** 4 channels: 1 accumulator. */
function add4(h: usize, weights: usize, list: usize, end: usize, factor: v128): void {
  let a0 = f32x4.mul(v128.load(h, 0), factor);
  for (; list < end; list += 4) {
    const row = weights + load<u32>(list);
    a0 = f32x4.add(a0, v128.load(row, 0));
  }
  v128.store(h, a0, 0);
}
