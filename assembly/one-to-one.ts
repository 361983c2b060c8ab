// Skips past a layer, strided ones too, and pools of windows that do not overlap: a neuron reaches one target. One loop
// runs over all spikes, and a table by row knows signs as well, so that no branch depends on the data. Written out
// synapse by synapse (table.ts), the skips of a ResNet-20 took 0.92 ms of its 6.6 (EPYC, Node 20, November 2026; T 8); by
// row 0.30, since tables of a whole layer do not stay in the cache. Where positions are alike, tables of channels do.

export function oneToOneF32(
  starts: usize,
  rows: usize,
  positions: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  oneToOne<f32>(starts, rows, positions, targets, weights, h);
}

export function oneToOneI32(
  starts: usize,
  rows: usize,
  positions: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  oneToOne<i32>(starts, rows, positions, targets, weights, h);
}

function oneToOne<T>(
  starts: usize,
  rows: usize,
  positions: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  const end = rows + (load<i32>(starts + (positions << 2)) << 2);
  for (; rows < end; rows += 4) {
    const row: usize = load<u32>(rows) << 2;
    const target = h + (load<u32>(targets + row) << 2);
    store<T>(target, load<T>(target) + load<T>(weights + row));
  }
}

export function channelwiseF32(
  starts: usize,
  rows: usize,
  positions: i32,
  bits: i32,
  stride: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  channelwise<f32>(starts, rows, positions, bits, stride, targets, weights, h);
}

export function channelwiseI32(
  starts: usize,
  rows: usize,
  positions: i32,
  bits: i32,
  stride: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  channelwise<i32>(starts, rows, positions, bits, stride, targets, weights, h);
}

function channelwise<T>(
  starts: usize,
  rows: usize,
  positions: i32,
  bits: i32,
  stride: i32,
  targets: usize,
  weights: usize,
  h: usize,
): void {
  const mask: u32 = (1 << bits) - 1;
  const end = rows + (load<i32>(starts + (positions << 2)) << 2);
  for (; rows < end; rows += 4) {
    const row = load<u32>(rows);
    const channel: usize = (row & mask) << 2;
    const target = h + (((row >> bits) * stride + load<u32>(targets + channel)) << 2);
    store<T>(target, load<T>(target) + load<T>(weights + channel));
  }
}
