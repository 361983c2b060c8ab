// Synapses written out one by one: what no window describes.

export function tableF32(
  starts: usize,
  rows: usize,
  positions: i32,
  channels: i32,
  offsets: usize,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  table<f32>(starts, rows, positions, channels, offsets, targets, weights, h);
}

export function tableI32(
  starts: usize,
  rows: usize,
  positions: i32,
  channels: i32,
  offsets: usize,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  table<i32>(starts, rows, positions, channels, offsets, targets, weights, h);
}

function table<T>(
  starts: usize,
  rows: usize,
  positions: i32,
  channels: i32,
  offsets: usize,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  for (let p = 0, base = 0; p < positions; p++, base += channels * 2) {
    const end = rows + (load<i32>(starts, 4) << 2);
    for (let at = rows + (load<i32>(starts) << 2); at < end; at += 4) {
      const row = load<i32>(at) - base;
      const negative = row >= channels;
      const element = offsets + ((negative ? row - channels : row) << 2);
      const last = load<i32>(element, 4);
      for (let k = load<i32>(element); k < last; k++) {
        const target = h + (load<i32>(targets + (k << 2)) << 2);
        const weight = load<T>(weights + (k << 2));
        store<T>(target, load<T>(target) + (negative ? -weight : weight));
      }
    }
    starts += 4;
    offsets += channels << 2;
  }
}
