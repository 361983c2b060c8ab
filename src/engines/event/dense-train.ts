// Lists of spikes written out densely, for whoever computes a layer's currents from all of its inputs.
//
// CONTRIBUTOR NOTES. Channels last, as the masks are ordered: written channels first, every spike of a position falls into
// another page, and a ResNet-20's took 3 ms an image.
import type { Arena } from './arena.ts';
import { eachSpike, masksLength } from './masks.ts';
import type { Plane } from './plane.ts';
import type { Emission } from './synapses.ts';

/**
 * Writes what a layer emits over its window: spikes as -1 and 1, values as they are, zeros elsewhere.
 * @param dense [T, positions, C]
 * @param train one for each of the T steps; null where nothing is emitted
 */
export function fillTrain(
  dense: Float32Array,
  train: readonly (Emission | null)[],
  plane: Plane,
  arena: Arena,
): void {
  const { channels, positions } = plane;
  dense.fill(0);
  train.forEach((emission, t) => {
    if (emission === null) return;
    const step = dense.subarray(t * positions * channels, (t + 1) * positions * channels);
    if (emission.values === null) {
      eachSpike(arena.octets(emission.masks, masksLength(plane)), plane, (position, channel, sign) => {
        step[position * channels + channel] = sign;
      });
    } else fillValues(step, emission.values, channels, positions);
  });
}

function fillValues(step: Float32Array, values: Float32Array, channels: number, positions: number): void {
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < positions; p++) step[p * channels + c] = values[c * positions + p]!;
  }
}
