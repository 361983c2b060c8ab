// Spikes of 32 neurons, one bit each, as rows: one badly predicted branch for 32 neurons, not one for every 4.

/** Appends the rows of channels `base` + bit and returns the new end. */
export function emit(rows: usize, positive: u32, negative: u32, base: i32, channels: i32): usize {
  for (let left = positive | negative; left != 0; left &= left - 1) {
    const bit = ctz(left);
    const sign = (negative >> bit) & 1;
    store<i32>(rows, base + bit + (sign ? channels : 0));
    rows += 4;
  }
  return rows;
}
