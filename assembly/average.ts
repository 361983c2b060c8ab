// Weights behind an average over a whole plane: the spikes of a channel are added up first, so that weights are read once a
// step. As a convolution with a window of the whole plane, MobileNetV2's classifier has 500 MB of rows, which take 14 s to
// lay out.
import { firedLanes, negativeLanes } from './masks';

export function averageF32(
  masks: usize,
  positions: i32,
  quads: i32,
  weights: usize,
  stride: i32,
  h: usize,
): void {
  const area = f32x4.splat(<f32>positions);
  const bytes = stride << 2;
  for (let q = 0; q < quads; q++, weights += bytes << 2) {
    let sums = i32x4.splat(0);
    for (let p = 0, at = masks + q; p < positions; p++, at += quads) {
      const mask: i32 = load<u8>(at);
      // Lanes of all bits are -1.
      const negative = negativeLanes(mask);
      sums = i32x4.add(i32x4.sub(sums, firedLanes(mask)), i32x4.add(negative, negative));
    }
    if (!v128.any_true(sums)) continue;
    const means = f32x4.div(f32x4.convert_i32x4_s(sums), area);
    const m0 = v128.shuffle<i32>(means, means, 0, 0, 0, 0);
    const m1 = v128.shuffle<i32>(means, means, 1, 1, 1, 1);
    const m2 = v128.shuffle<i32>(means, means, 2, 2, 2, 2);
    const m3 = v128.shuffle<i32>(means, means, 3, 3, 3, 3);
    for (let c = 0, row = weights; c < bytes; c += 16, row += 16) {
      let sum = v128.load(h + c);
      sum = f32x4.add(sum, f32x4.mul(m0, v128.load(row)));
      sum = f32x4.add(sum, f32x4.mul(m1, v128.load(row + bytes)));
      sum = f32x4.add(sum, f32x4.mul(m2, v128.load(row + 2 * bytes)));
      sum = f32x4.add(sum, f32x4.mul(m3, v128.load(row + 3 * bytes)));
      v128.store(h + c, sum);
    }
  }
}
