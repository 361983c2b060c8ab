// How a step's spikes become rows of weights: a row for each spike, or one for what four neighbouring channels send together,
// whose weights are added up when the network is laid out. At a spike in five neurons that is three rows instead of four, at
// a table ten times as large.
import { maskOf, signsOf } from './masks.ts';
import type { Plane } from './plane.ts';

/** What a row sends: spikes of channels, +1 or -1 each. */
export type Row = readonly { readonly channel: number; readonly sign: number }[];

export interface RowCoding {
  readonly name: 'spikes' | 'combined';
  /** Rows that belong to one position of a plane. */
  perPosition(plane: Pick<Plane, 'channels' | 'stride'>): number;
  /** Rows from those of four channels to those of the next four. */
  readonly perQuad: number;
  /** What each row of a position sends; nothing where it is never listed. */
  rows(plane: Pick<Plane, 'channels' | 'stride'>): readonly Row[];
  /** What the first four channels list where they send `signs`, -1, 0 or 1 each. */
  listed(plane: Pick<Plane, 'channels' | 'stride'>, signs: readonly number[]): readonly number[];
}

/** The table that the kernel reads lists from, for each byte of masks (kernels.ts). */
export function listTable(coding: RowCoding, plane: Pick<Plane, 'channels' | 'stride'>): Uint8Array {
  const table = new ArrayBuffer(256 * (4 * SHARING + 1));
  const rows = new Int32Array(table, 0, 256 * SHARING);
  const advances = new Uint8Array(table, rows.byteLength);
  for (let mask = 0; mask < 256; mask++) {
    const listed = coding.listed(plane, signsOf(mask));
    rows.set(listed, SHARING * mask);
    advances[mask] = 4 * listed.length;
  }
  return new Uint8Array(table);
}

/** Row c for +1 of channel c, row C + c for -1. */
export const spikes: RowCoding = {
  name: 'spikes',
  perPosition: ({ channels }) => 2 * channels,
  perQuad: 4,
  rows: ({ channels }) =>
    Array.from(
      { length: 2 * channels },
      (_, row): Row => [row < channels ? { channel: row, sign: 1 } : { channel: row - channels, sign: -1 }],
    ),
  listed: ({ channels }, signs) =>
    signs.flatMap((sign, i) => (sign === 0 ? [] : [sign > 0 ? i : channels + i])),
};

/** Channels whose spikes share a row. */
const SHARING = 4;

/** What they can send: first silence, then whatever has the fewest -1 and the fewest spikes. */
const COMBINATIONS: readonly (readonly number[])[] = Array.from({ length: 3 ** SHARING }, (_, code) =>
  Array.from({ length: SHARING }, (_, i) => [0, 1, -1][Math.floor(code / 3 ** i) % 3]!),
).sort((a, b) => negatives(a) - negatives(b) || fired(a) - fired(b));

/** Which of the combinations each byte of masks says. */
const COMBINATION_OF = new Map(COMBINATIONS.map((signs, row) => [maskOf(signs), row]));

/**
 * 81 rows for each four channels in memory, padding included, in the order of COMBINATIONS: rows that are often added lie
 * together, and so do the few of a cache's lines that hold them.
 */
export const combined: RowCoding = {
  name: 'combined',
  perPosition: ({ stride }) => (stride / SHARING) * COMBINATIONS.length,
  perQuad: COMBINATIONS.length,
  rows: ({ channels, stride }) =>
    Array.from({ length: stride / SHARING }, (_, quad) =>
      COMBINATIONS.map((signs): Row => {
        const sent = signs.flatMap((sign, i) => (sign === 0 ? [] : [{ channel: SHARING * quad + i, sign }]));
        return sent.some(({ channel }) => channel >= channels) ? [] : sent;
      }),
    ).flat(),
  listed: (_, signs) => (fired(signs) === 0 ? [] : [COMBINATION_OF.get(maskOf(signs))!]),
};

function negatives(signs: readonly number[]): number {
  return signs.filter((sign) => sign < 0).length;
}

function fired(signs: readonly number[]): number {
  return signs.filter((sign) => sign !== 0).length;
}
