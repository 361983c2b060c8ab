// Scatter, for convolutions of any group: each spike adds its weights to the outputs that see it.

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
  const perTap = channels * 2 * perGroup * sizeof<W>();
  const depthwise = perGroup == 1 && group == channels;
  for (let y = padTop; y < height + padTop; y++) {
    for (let x = padLeft; x < width + padLeft; x++, starts += 4) {
      const from = rows + (load<i32>(starts) << 2);
      const end = rows + (load<i32>(starts, 4) << 2);
      if (from == end) continue;
      for (let ky = 0; ky < kernelHeight; ky++) {
        const oy = outputOf(y - ky * dilationY, strideY, heightOut);
        if (oy < 0) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const ox = outputOf(x - kx * dilationX, strideX, widthOut);
          if (ox < 0) continue;
          const tap = weights + (ky * kernelWidth + kx) * perTap;
          const out = h + (oy * widthOut + ox) * stride * sizeof<H>();
          if (depthwise) addDepthwise<W, H>(from, end, channels, tap, out);
          else addGroups<W, H>(from, end, channels, channels / group, tap, perGroup, out);
        }
      }
    }
  }
}

/** The output whose tap reads the padded coordinate `at` plus nothing; -1 where there is none. */
function outputOf(at: i32, stride: i32, count: i32): i32 {
  if (at < 0) return -1;
  const output = stride == 1 ? at : at / stride;
  return output < count && output * stride == at ? output : -1;
}

function addDepthwise<W, H>(from: usize, end: usize, channels: i32, weights: usize, h: usize): void {
  for (; from < end; from += 4) {
    const row = load<i32>(from);
    const target = h + (row < channels ? row : row - channels) * sizeof<H>();
    store<H>(target, load<H>(target) + <H>load<W>(weights + row * sizeof<W>()));
  }
}

function addGroups<W, H>(
  from: usize,
  end: usize,
  channels: i32,
  channelsPerGroup: i32,
  weights: usize,
  perGroup: i32,
  h: usize,
): void {
  for (; from < end; from += 4) {
    const row = load<i32>(from);
    const channel = row < channels ? row : row - channels;
    let target = h + (channel / channelsPerGroup) * perGroup * sizeof<H>();
    let source = weights + row * perGroup * sizeof<W>();
    let left = perGroup;
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
}
