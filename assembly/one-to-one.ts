// Pools of windows that do not overlap, and whatever else sends a neuron's spikes to one target: one loop runs over all
// spikes, and a table by row knows signs as well, so that no branch depends on the data.

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
