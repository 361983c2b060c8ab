// How a step's spikes become rows of weights: a row for each spike, or one for what two or four neighbouring channels send
// together, whose weights are added up when the network is laid out. At a spike in five neurons four share three rows instead
// of four, of a table ten times as large.
import { signsOf } from './masks.ts';
import type { Plane } from './plane.ts';

/** Channels of a byte of masks. */
const QUAD = 4;

/** What a row sends: spikes of channels, +1 or -1 each. */
export type Row = readonly { readonly channel: number; readonly sign: number }[];

export interface RowCoding {
  readonly name: 'spikes' | 'pairs' | 'quads';
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
  const table = new ArrayBuffer(256 * (4 * QUAD + 1));
  const rows = new Int32Array(table, 0, 256 * QUAD);
  const advances = new Uint8Array(table, rows.byteLength);
  for (let mask = 0; mask < 256; mask++) {
    const listed = coding.listed(plane, signsOf(mask));
    rows.set(listed, QUAD * mask);
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

/**
 * One row for all that `sharing` channels send, padding included. A row for silence comes first, and is never listed; rows that
 * are often added, with few -1 and few spikes, follow, so that they lie in few of a cache's lines.
 */
function combined(name: RowCoding['name'], sharing: 2 | 4): RowCoding {
  const combinations = Array.from({ length: 3 ** sharing }, (_, code) =>
    Array.from({ length: sharing }, (_, i) => [0, 1, -1][Math.floor(code / 3 ** i) % 3]!),
  ).sort((a, b) => negatives(a) - negatives(b) || fired(a) - fired(b));
  const rowOf = new Map(combinations.map((signs, row) => [signs.join(), row]));
  return {
    name,
    perPosition: ({ stride }) => (stride / sharing) * combinations.length,
    perQuad: (QUAD / sharing) * combinations.length,
    rows: ({ channels, stride }) =>
      Array.from({ length: stride / sharing }, (_, group) =>
        combinations.map((signs): Row => {
          const sent = signs.flatMap((sign, i) =>
            sign === 0 ? [] : [{ channel: sharing * group + i, sign }],
          );
          return sent.some(({ channel }) => channel >= channels) ? [] : sent;
        }),
      ).flat(),
    listed: (_, signs) =>
      Array.from({ length: QUAD / sharing }, (_, group) => {
        const own = signs.slice(sharing * group, sharing * (group + 1)).map((sign) => Math.sign(sign) || 0);
        return fired(own) === 0 ? [] : [group * combinations.length + rowOf.get(own.join())!];
      }).flat(),
  };
}

export const pairs: RowCoding = combined('pairs', 2);
export const quads: RowCoding = combined('quads', 4);

function negatives(signs: readonly number[]): number {
  return signs.filter((sign) => sign < 0).length;
}

function fired(signs: readonly number[]): number {
  return signs.filter((sign) => sign !== 0).length;
}
