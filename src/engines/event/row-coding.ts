// How a step's spikes become rows of weights: a row for each spike, or one for what four neighbouring channels send together,
// whose weights are added up when the network is laid out. At a spike in five neurons that is three rows instead of four, at
// a table ten times as large.
import { maskOf } from './masks.ts';
import type { Plane } from './plane.ts';

/** What a row sends: spikes of channels, +1 or -1 each. */
export type Row = readonly { readonly channel: number; readonly sign: number }[];

export interface RowCoding {
  readonly name: 'spikes' | 'combined';
  /** Rows that belong to one position of a plane. */
  perPosition(plane: Pick<Plane, 'channels' | 'stride'>): number;
  /** What each of them sends; nothing where a row is never listed. */
  rows(plane: Pick<Plane, 'channels' | 'stride'>): readonly Row[];
}

/** Row c for +1 of channel c, row C + c for -1. */
export const spikes: RowCoding = {
  name: 'spikes',
  perPosition: ({ channels }) => 2 * channels,
  rows: ({ channels }) =>
    Array.from(
      { length: 2 * channels },
      (_, row): Row => [row < channels ? { channel: row, sign: 1 } : { channel: row - channels, sign: -1 }],
    ),
};

/** Channels whose spikes share a row. */
const SHARING = 4;

/** What they can send, by the bytes of masks: first silence, then whatever has the fewest -1 and the fewest spikes. */
const COMBINATIONS: readonly (readonly [mask: number, signs: readonly number[]])[] = Array.from(
  { length: 3 ** SHARING },
  (_, code) => Array.from({ length: SHARING }, (_, i) => [0, 1, -1][Math.floor(code / 3 ** i) % 3]!),
)
  .map((signs) => [maskOf(signs), signs] as const)
  .sort(([, a], [, b]) => negatives(a) - negatives(b) || fired(a) - fired(b));

/** For each byte of masks, which of a quad's rows says the same; 0 for silence. */
export const COMBINED_ROWS: Uint8Array = new Uint8Array(256);
COMBINATIONS.forEach(([mask], row) => {
  COMBINED_ROWS[mask] = row;
});

/**
 * 81 rows for each four channels in memory, padding included, in the order of COMBINATIONS: rows that are often added lie
 * together, and so do the few of a cache's lines that hold them.
 */
export const combined: RowCoding = {
  name: 'combined',
  perPosition: ({ stride }) => (stride / SHARING) * COMBINATIONS.length,
  rows: ({ channels, stride }) =>
    Array.from({ length: stride / SHARING }, (_, quad) =>
      COMBINATIONS.map(([, signs]): Row => {
        const sent = signs.flatMap((sign, i) => (sign === 0 ? [] : [{ channel: SHARING * quad + i, sign }]));
        return sent.some(({ channel }) => channel >= channels) ? [] : sent;
      }),
    ).flat(),
};

function negatives(signs: readonly number[]): number {
  return signs.filter((sign) => sign < 0).length;
}

function fired(signs: readonly number[]): number {
  return signs.filter((sign) => sign !== 0).length;
}
