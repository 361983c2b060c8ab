// Spikes and numbers that the tests of the kernels feed in.
import { maskOf } from '../../../src/engines/event/masks.ts';
import { spikes as ownRows, type RowCoding } from '../../../src/engines/event/row-coding.ts';

/** Numbers in [0, 1), the same at every run. */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A step's spikes as -1, 0 and 1, [positions][channels], and as lists. */
export function spikesOf(positions: number, channels: number, rate: number, next: () => number) {
  const dense = Int8Array.from({ length: positions * channels }, () =>
    next() < rate ? (next() < 0.3 ? -1 : 1) : 0,
  );
  return { dense, ...listsOf(dense, positions, channels) };
}

export function listsOf(dense: ArrayLike<number>, positions: number, channels: number) {
  const starts = new Int32Array(positions + 1);
  const rows: number[] = [];
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      const s = dense[p * channels + c]!;
      if (s !== 0) rows.push(2 * channels * p + (s > 0 ? c : channels + c));
    }
    starts[p + 1] = rows.length;
  }
  return { starts, rows: Int32Array.from(rows) };
}

/** The same as masks, and as lists of any coding, whose rows are looked for among what each of them sends. */
export function masksOf(
  dense: ArrayLike<number>,
  positions: number,
  channels: number,
  stride: number,
): Uint8Array {
  return Uint8Array.from({ length: (positions * stride) / 4 }, (_, k) => {
    const [p, first] = [Math.floor((4 * k) / stride), (4 * k) % stride];
    return maskOf([0, 1, 2, 3].map((i) => (first + i < channels ? dense[p * channels + first + i]! : 0)));
  });
}

export function codedListsOf(
  dense: ArrayLike<number>,
  positions: number,
  channels: number,
  stride: number,
  coding: RowCoding,
) {
  if (coding === ownRows) return listsOf(dense, positions, channels);
  const plane = { channels, stride };
  const shared = coding.name === 'pairs' ? 2 : 4;
  const text = (sent: readonly { readonly channel: number; readonly sign: number }[]) =>
    sent.map(({ channel, sign }) => `${channel}${sign < 0 ? '-' : '+'}`).join();
  const known = new Map(coding.rows(plane).map((sent, row) => [text(sent), row]));
  const starts = new Int32Array(positions + 1);
  const rows: number[] = [];
  for (let p = 0; p < positions; p++) {
    for (let first = 0; first < channels; first += shared) {
      const sent = Array.from({ length: shared }, (_, i) => i).flatMap((i) => {
        const sign = first + i < channels ? dense[p * channels + first + i]! : 0;
        return sign === 0 ? [] : [{ channel: first + i, sign }];
      });
      if (sent.length > 0) rows.push(p * coding.perPosition(plane) + known.get(text(sent))!);
    }
    starts[p + 1] = rows.length;
  }
  return { starts, rows: Int32Array.from(rows) };
}

/** [C, H, W] of [positions][stride]. */
export function channelsFirst(
  values: ArrayLike<number>,
  positions: number,
  channels: number,
  stride = channels,
): Float64Array {
  return Float64Array.from(
    { length: channels * positions },
    (_, i) => values[(i % positions) * stride + Math.floor(i / positions)]!,
  );
}

/** The next multiple of `step`. */
export const roundUp = (n: number, step: number) => Math.ceil(n / step) * step;
