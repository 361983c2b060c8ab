// The rows of weights that a step's spikes add, position by position, from their masks: one row for each spike, or one for all
// spikes of four channels, whose weights are added up beforehand (row-coding.ts).
//
// What was tried (EPYC, Node 20, November 2026): walking the set bits of 32 neurons, one badly predicted branch for each
// position: all firing of a ResNet-20 in float32 (T 8, 1.6 spikes a neuron) 1.95 ms an image. Without a branch, in the kernel
// that fires: 0.72. From masks: 0.37 to fire and 0.33 to list, counts and skips gain.
import { negativeLanes } from './masks';

/** For each set of four lanes, the bytes that bring them to the front; others become 0. */
const TO_FRONT = memory.data<u8>([
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 4, 5, 6, 7, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
  128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 128, 128, 128, 128, 128, 128, 128, 128, 8, 9, 10, 11, 128, 128, 128, 128,
  128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 8, 9, 10, 11, 128, 128, 128, 128, 128, 128, 128, 128, 4,
  5, 6, 7, 8, 9, 10, 11, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 128,
  128, 128, 128, 12, 13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 12,
  13, 14, 15, 128, 128, 128, 128, 128, 128, 128, 128, 4, 5, 6, 7, 12, 13, 14, 15, 128, 128, 128, 128, 128,
  128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 128, 128, 128, 128, 8, 9, 10, 11, 12, 13, 14, 15,
  128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 128, 128, 128, 128, 4, 5,
  6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  15,
]);

/** Rows of four channels; the first, of silence, is never listed. */
const COMBINATIONS = 81;

export function listSpikes(
  masks: usize,
  positions: i32,
  stride: i32,
  channels: i32,
  starts: usize,
  rows: usize,
): i32 {
  const first = rows;
  const count = i32x4.splat(channels);
  const gap = i32x4.splat(2 * channels - stride);
  let numbers = i32x4(0, 1, 2, 3);
  store<i32>(starts, 0);
  for (let p = 0; p < positions; p++) {
    for (const end = masks + (stride >> 2); masks < end; masks++) {
      const mask: i32 = load<u8>(masks);
      const rowsHere = i32x4.add(numbers, v128.and(negativeLanes(mask), count));
      v128.store(rows, v128.swizzle(rowsHere, v128.load(TO_FRONT + ((mask & 15) << 4))));
      rows += popcnt(mask & 15) << 2;
      numbers = i32x4.add(numbers, i32x4.splat(4));
    }
    numbers = i32x4.add(numbers, gap);
    starts += 4;
    store<i32>(starts, <i32>(rows - first) >> 2);
  }
  return <i32>(rows - first) >> 2;
}

export function listCombined(
  masks: usize,
  positions: i32,
  stride: i32,
  combinedRows: usize,
  starts: usize,
  rows: usize,
): i32 {
  const first = rows;
  let row = 0;
  store<i32>(starts, 0);
  for (let p = 0; p < positions; p++) {
    for (const end = masks + (stride >> 2); masks < end; masks++) {
      const combined: i32 = load<u8>(combinedRows + load<u8>(masks));
      store<i32>(rows, row + combined);
      rows += i32(combined != 0) << 2;
      row += COMBINATIONS;
    }
    starts += 4;
    store<i32>(starts, <i32>(rows - first) >> 2);
  }
  return <i32>(rows - first) >> 2;
}
