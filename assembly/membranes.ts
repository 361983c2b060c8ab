// What happens to potentials before neurons compare: amplification, sums of sources, max-pools, scale and shift.

export function scaleF32(h: usize, n: i32, beta: f32): void {
  const factor = f32x4.splat(beta);
  const end = h + (n << 2);
  for (; h < end; h += 16) v128.store(h, f32x4.mul(v128.load(h), factor));
}

export function doubleI32(h: usize, n: i32): void {
  const end = h + (n << 2);
  for (; h < end; h += 16) v128.store(h, i32x4.shl(v128.load(h), 1));
}

export function forecastI32(
  known: usize,
  h: usize,
  before: usize,
  earlier: usize,
  earliest: usize,
  n: i32,
  factor: i32,
  factorBefore: i32,
  factorEarlier: i32,
  factorEarliest: i32,
): void {
  const factors = i32x4.splat(factor);
  const factorsBefore = i32x4.splat(factorBefore);
  const factorsEarlier = i32x4.splat(factorEarlier);
  const factorsEarliest = i32x4.splat(factorEarliest);
  for (let i = 0; i < n << 2; i += 16) {
    const now = v128.load(h + i);
    let sum = i32x4.mul(now, factors);
    sum = i32x4.add(sum, i32x4.mul(v128.load(before + i), factorsBefore));
    sum = i32x4.add(sum, i32x4.mul(v128.load(earlier + i), factorsEarlier));
    sum = i32x4.add(sum, i32x4.mul(v128.load(earliest + i), factorsEarliest));
    v128.store(known + i, sum);
    v128.store(earliest + i, now);
  }
}

export function sumI32(
  u: usize,
  positions: i32,
  stride: i32,
  sources: i32,
  h0: usize,
  h1: usize,
  h2: usize,
  h3: usize,
  scale0: usize,
  scale1: usize,
  scale2: usize,
  scale3: usize,
  bias: usize,
  biasStride: i32,
  share: f64,
): void {
  const shares = f64x2.splat(share);
  for (let p = 0; p < positions; p++) {
    // Bytes of int32; float64 lie at twice the distance.
    for (let c = 0; c < stride << 2; c += 16) {
      const d = c << 1;
      let x = scaled(h0 + c, scale0 + d);
      let y = scaled(h0 + c + 8, scale0 + d + 16);
      if (sources > 1) {
        x = f64x2.add(x, scaled(h1 + c, scale1 + d));
        y = f64x2.add(y, scaled(h1 + c + 8, scale1 + d + 16));
      }
      if (sources > 2) {
        x = f64x2.add(x, scaled(h2 + c, scale2 + d));
        y = f64x2.add(y, scaled(h2 + c + 8, scale2 + d + 16));
      }
      if (sources > 3) {
        x = f64x2.add(x, scaled(h3 + c, scale3 + d));
        y = f64x2.add(y, scaled(h3 + c + 8, scale3 + d + 16));
      }
      if (bias) {
        x = f64x2.add(x, f64x2.mul(v128.load(bias + d), shares));
        y = f64x2.add(y, f64x2.mul(v128.load(bias + d, 16), shares));
      }
      v128.store(u + d, x);
      v128.store(u + d, y, 16);
    }
    u += stride << 3;
    h0 += stride << 2;
    h1 += stride << 2;
    h2 += stride << 2;
    h3 += stride << 2;
    if (bias) bias += biasStride << 3;
  }
}

function scaled(h: usize, scale: usize): v128 {
  return f64x2.mul(v128.load(scale), f64x2.convert_low_i32x4_s(v128.load64_zero(h)));
}

export function affineF32(
  u: usize,
  positions: i32,
  stride: i32,
  scale: usize,
  shift: usize,
  prefix: f32,
): void {
  affine<f32>(u, positions, stride, scale, shift, prefix);
}

export function affineF64(
  u: usize,
  positions: i32,
  stride: i32,
  scale: usize,
  shift: usize,
  prefix: f64,
): void {
  affine<f64>(u, positions, stride, scale, shift, prefix);
}

function affine<T>(u: usize, positions: i32, stride: i32, scale: usize, shift: usize, prefix: T): void {
  const bytes = stride * sizeof<T>();
  const prefixes = v128.splat<T>(prefix);
  for (let p = 0; p < positions; p++, u += bytes) {
    for (let c = 0; c < bytes; c += 16) {
      const grown = v128.mul<T>(v128.load(scale + c), v128.load(u + c));
      v128.store(u + c, v128.add<T>(grown, v128.mul<T>(v128.load(shift + c), prefixes)));
    }
  }
}

export function poolMaxF32(
  h: usize,
  height: i32,
  width: i32,
  stride: i32,
  u: usize,
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
  poolMax<f32>(
    h,
    height,
    width,
    stride,
    u,
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

export function poolMaxF64(
  h: usize,
  height: i32,
  width: i32,
  stride: i32,
  u: usize,
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
  poolMax<f64>(
    h,
    height,
    width,
    stride,
    u,
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

function poolMax<T>(
  h: usize,
  height: i32,
  width: i32,
  stride: i32,
  u: usize,
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
  const bytes = stride * sizeof<T>();
  for (let oy = 0; oy < heightOut; oy++) {
    for (let ox = 0; ox < widthOut; ox++, u += bytes) {
      for (let c = 0; c < bytes; c += 16) v128.store(u + c, v128.splat<T>(-Infinity as T));
      for (let ky = 0; ky < kernelHeight; ky++) {
        const y = oy * strideY - padTop + ky * dilationY;
        if (<u32>y >= <u32>height) continue;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const x = ox * strideX - padLeft + kx * dilationX;
          if (<u32>x >= <u32>width) continue;
          const row = h + (y * width + x) * bytes;
          for (let c = 0; c < bytes; c += 16) {
            v128.store(u + c, v128.pmax<T>(v128.load(u + c), v128.load(row + c)));
          }
        }
      }
    }
  }
}

export function clear(pointer: usize, bytes: usize): void {
  memory.fill(pointer, 0, bytes);
}
