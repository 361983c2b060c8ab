// How often each neuron spiked: counted beside the lists, since whoever adds up operations wants no lists.

/** counts[p * channels + c] += 1 for every spike of (p, c), of either sign. */
export function countSpikes(starts: usize, rows: usize, positions: i32, channels: i32, counts: usize): void {
  for (let p = 0; p < positions; p++) {
    const end = rows + ((load<i32>(starts + ((p + 1) << 2)) - load<i32>(starts + (p << 2))) << 2);
    for (; rows < end; rows += 4) {
      const row = load<i32>(rows);
      const at = counts + ((row < channels ? row : row - channels) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
    counts += channels << 2;
  }
}
