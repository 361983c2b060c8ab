// How the spikes of each layer are listed, and which kernels can take them so.

import type { Window } from '../../ops/window.ts';
import type { Network } from '../../snn/network/network.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Connection, ConvConnection } from './connections.ts';
import { COLUMN_LANES_F32, COLUMN_LANES_I8 } from './kernel-weights.ts';
import type { Plane } from './plane.ts';
import { pairs, quads, type RowCoding, spikes } from './row-coding.ts';
import { asSkip } from './skip-connection.ts';

/** The coding of each spiking value. */
export type RowCodings = ReadonlyMap<string, RowCoding>;

/** A connection and the plane that it leads to. */
export interface Placed {
  readonly connection: Connection;
  readonly target: Plane;
}

/**
 * Bytes of weights up to which rows are combined.
 *
 * CONTRIBUTOR NOTES. What was tried (EPYC with 1 MB of L2, Node 20, November 2026; a ResNet-20 at T 8, an image):
 * - Quads whose tables are in the cache take 79 % of the time of spikes at 16 channels, 83 % at 32 and 97 % at 64. In the
 *   network the tables of 32 channels, 0.75 MB, come from L3: columns take 2.86 ms with spikes alone, 2.64 with 16 channels in
 *   quads, 2.97 with 32 as well, 3.75 with all.
 * - Pairs where quads do not fit: gathers 0.29 ms instead of 0.31; columns at 32 channels as before. All kernels of a
 *   SqueezeNet: 58 ms, then 55.
 * - Integers: quads have rows of 16 bits, twice the loads of 8, and the columns of 16 channels take 0.80 ms as with spikes; with
 *   the rows of silence listed too, so that all runs are equally long, 0.82.
 */
const CACHED_BYTES = 256 * 1024;

/** The codings, the one with the fewest rows to add first. */
const CODINGS = [quads, pairs] as const;

/**
 * For each value the coding with the fewest rows to add that all its readers can take.
 * @param sources planes of the spiking values
 * @param placed all connections of the network
 */
export function rowCodings(
  { arithmetic }: Network,
  sources: ReadonlyMap<string, Plane>,
  placed: readonly Placed[],
): RowCodings {
  const integer = arithmetic === 'integer';
  return new Map(
    [...sources].map(([value, plane]) => {
      const readers = placed.filter(({ connection }) => connection.source === value);
      const fits = (coding: RowCoding) =>
        readers.every(({ connection, target }) => takes(coding, connection, plane, target, integer));
      return [value, CODINGS.find(fits) ?? spikes];
    }),
  );
}

function takes(
  coding: RowCoding,
  connection: Connection,
  source: Plane,
  target: Plane,
  integer: boolean,
): boolean {
  switch (connection.kind) {
    // These read masks.
    case 'plain':
    case 'average':
      return true;
    case 'table':
      return asSkip(connection, source, target) !== null;
    case 'conv': {
      // Sums of weights are no 8-bit numbers.
      if (connection.group > 1 || integer) return false;
      const bytes = coding.perPosition(source) * sizeOf(connection.window.kernel) * target.stride * 4;
      return bytes <= CACHED_BYTES;
    }
  }
}

/** Whether the kernels that walk columns can walk it. */
export function walksColumns({ window, weights }: ConvConnection, integer: boolean): boolean {
  return isColumnar(window) && (integer ? fitsColumnsI8(weights) : fitsColumnsF32(weights));
}

function isColumnar({ input, output, kernel, strides, dilations, padsBegin }: Window): boolean {
  return (
    kernel[0] === 3 &&
    strides[0] === 1 &&
    padsBegin[0] === 1 &&
    output[0] === input[0] &&
    dilations.every((dilation) => dilation === 1)
  );
}

function fitsColumnsF32({ shape }: Tensor): boolean {
  return shape[0]! % COLUMN_LANES_F32 === 0;
}

/** Whether no output of weights [C_out, ...] leaves 16 bits, whatever spikes. */
function fitsColumnsI8({ data, shape }: Tensor): boolean {
  if (shape[0]! % COLUMN_LANES_I8 !== 0) return false;
  const fan = data.length / shape[0]!;
  const sums = new Float64Array(shape[0]!);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / fan)]! += Math.abs(data[i]!);
  return sums.every((sum) => sum < 2 ** 15);
}
