// Scatter, for convolutions of any group: each spike adds its weights to the outputs that see it.
//
// What was tried for depthwise 3x3 (Xeon, Node 20, November 2026; billions of additions a second with 16 and 256 channels,
// 10 % spiking):
// - Tap by tap, the spikes of a position inside: 0.3 and 1.1.
// - Spike by spike in one function, whose variables spill in the innermost loop: 0.3 and 0.3.
// - The same in functions of their own, three taps written out: 0.6 and 1.1. All nine written out: 0.6 and 1.2, not kept.

export function scatterF32(
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  channels: i32,
  group: i32,
  weights: usize,
  perGroup: i32,
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
): void {
  scatter<f32, f32>(
    starts,
    rows,
    height,
    width,
    channels,
    group,
    weights,
    perGroup,
    stride,
    h,
    heightOut,
    widthOut,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    dilationY,
    dilationX,
    padTop,
    padLeft,
  );
}

export function scatterI8(
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  channels: i32,
  group: i32,
  weights: usize,
  perGroup: i32,
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
): void {
  scatter<i8, i32>(
    starts,
    rows,
    height,
    width,
    channels,
    group,
    weights,
    perGroup,
    stride,
    h,
    heightOut,
    widthOut,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    dilationY,
    dilationX,
    padTop,
    padLeft,
  );
}

/** W: the type of weights, H: that of membranes. */
function scatter<W, H>(
  starts: usize,
  rows: usize,
  height: i32,
  width: i32,
  channels: i32,
  group: i32,
  weights: usize,
  perGroup: i32,
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
): void {
  const rowBytes: usize = perGroup * sizeof<W>();
  const outBytes: usize = stride * sizeof<H>();
  const channelsPerGroup = channels / group;
  const depthwise = perGroup == 1 && channelsPerGroup == 1;
  // Taps that reach an output follow each other in equal steps, and so do their outputs, downwards.
  const stepY = strideY / greatestDivisor(strideY, dilationY);
  const stepX = strideX / greatestDivisor(strideX, dilationX);
  const outStepY: usize = ((stepY * dilationY) / strideY) * widthOut * outBytes;
  const outStepX: usize = ((stepX * dilationX) / strideX) * outBytes;
  const tapBytes: usize = channels * 2 * rowBytes;
  const tapStepY: usize = stepY * kernelWidth * tapBytes;
  const tapStepX: usize = stepX * tapBytes;
  // The first row of a position.
  let base = -channels * 2;
  for (let y = padTop; y < height + padTop; y++) {
    const firstY = firstTap(y, kernelHeight, strideY, dilationY, heightOut);
    const countY = tapsFrom(firstY, y, kernelHeight, stepY, dilationY);
    for (let x = padLeft; x < width + padLeft; x++, starts += 4) {
      base += channels * 2;
      const from = rows + (load<i32>(starts) << 2);
      const end = rows + (load<i32>(starts, 4) << 2);
      if (from == end) continue;
      const firstX = firstTap(x, kernelWidth, strideX, dilationX, widthOut);
      const countX = tapsFrom(firstX, x, kernelWidth, stepX, dilationX);
      if (countY == 0 || countX == 0) continue;
      const tap = weights + (firstY * kernelWidth + firstX) * tapBytes;
      const oy = (y - firstY * dilationY) / strideY;
      const ox = (x - firstX * dilationX) / strideX;
      const out = h + (oy * widthOut + ox) * outBytes;
      if (depthwise) {
        addDepthwise<W, H>(
          from,
          end,
          base,
          channels,
          tap,
          out,
          countY,
          countX,
          outStepY,
          outStepX,
          tapStepY,
          tapStepX,
        );
      } else {
        addGroups<W, H>(
          from,
          end,
          base,
          channels,
          channelsPerGroup,
          perGroup,
          tap,
          out,
          countY,
          countX,
          outStepY,
          outStepX,
          tapStepY,
          tapStepX,
        );
      }
    }
  }
}

function addDepthwise<W, H>(
  from: usize,
  end: usize,
  base: i32,
  channels: i32,
  tap: usize,
  out: usize,
  countY: i32,
  countX: i32,
  outStepY: usize,
  outStepX: usize,
  tapStepY: usize,
  tapStepX: usize,
): void {
  for (; from < end; from += 4) {
    const row = load<i32>(from) - base;
    let target = out + (row < channels ? row : row - channels) * sizeof<H>();
    let source = tap + row * sizeof<W>();
    for (let i = 0; i < countY; i++, target -= outStepY, source += tapStepY) {
      if (countX == 3) {
        add<W, H>(target, source);
        add<W, H>(target - outStepX, source + tapStepX);
        add<W, H>(target - outStepX * 2, source + tapStepX * 2);
      } else {
        let t = target;
        let s = source;
        for (let j = 0; j < countX; j++, t -= outStepX, s += tapStepX) add<W, H>(t, s);
      }
    }
  }
}

function add<W, H>(target: usize, source: usize): void {
  store<H>(target, load<H>(target) + <H>load<W>(source));
}

function addGroups<W, H>(
  from: usize,
  end: usize,
  base: i32,
  channels: i32,
  channelsPerGroup: i32,
  perGroup: i32,
  tap: usize,
  out: usize,
  countY: i32,
  countX: i32,
  outStepY: usize,
  outStepX: usize,
  tapStepY: usize,
  tapStepX: usize,
): void {
  for (; from < end; from += 4) {
    const row = load<i32>(from) - base;
    const channel = row < channels ? row : row - channels;
    let target = out + (channel / channelsPerGroup) * perGroup * sizeof<H>();
    let source = tap + row * perGroup * sizeof<W>();
    for (let i = 0; i < countY; i++, target -= outStepY, source += tapStepY) {
      let t = target;
      let s = source;
      for (let j = 0; j < countX; j++, t -= outStepX, s += tapStepX) addRow<W, H>(t, s, perGroup);
    }
  }
}

/** The first tap through which an output reads the padded coordinate `at`; `kernel` where there is none. */
function firstTap(at: i32, kernel: i32, stride: i32, dilation: i32, outputs: i32): i32 {
  let tap = 0;
  for (; tap < kernel; tap++, at -= dilation) {
    if (at < 0) return kernel;
    if (at < outputs * stride && (stride == 1 || at % stride == 0)) break;
  }
  return tap;
}

/** How many taps reach an output, from the first one on. */
function tapsFrom(first: i32, at: i32, kernel: i32, step: i32, dilation: i32): i32 {
  let count = 0;
  for (let tap = first; tap < kernel && at - tap * dilation >= 0; tap += step) count++;
  return count;
}

function greatestDivisor(a: i32, b: i32): i32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

function addRow<W, H>(target: usize, source: usize, left: i32): void {
  if (sizeof<W>() == 1) {
    for (; left >= 8; left -= 8, source += 8, target += 32) {
      const w = v128.load_ext<i8>(source);
      v128.store(target, i32x4.add(v128.load(target), i32x4.extend_low_i16x8_s(w)));
      v128.store(target, i32x4.add(v128.load(target, 16), i32x4.extend_high_i16x8_s(w)), 16);
    }
  } else {
    for (; left >= 4; left -= 4, source += 16, target += 16) {
      v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
    }
  }
  for (; left > 0; left--, source += sizeof<W>(), target += sizeof<H>()) {
    store<H>(target, load<H>(target) + <H>load<W>(source));
  }
}
