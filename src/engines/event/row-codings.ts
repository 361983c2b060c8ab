// How the spikes of each layer are listed, and which kernels can take them so.

import type { Window } from '../../ops/window.ts';
import type { Network } from '../../snn/network/network.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import type { Connection, ConvConnection } from './connections.ts';
import { COLUMN_LANES_F32, COLUMN_LANES_I8 } from './kernel-weights.ts';
import type { Plane } from './plane.ts';
import { combined, type RowCoding, spikes } from './row-coding.ts';
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
 * CONTRIBUTOR NOTES. What was tried (EPYC with 1 MB of L2, Node 20, November 2026; ResNet-20, T 8, an image): the same kernels
 * over combined rows, their tables in the cache, take 79 % of the time at 16 channels, 83 % at 32, 97 % at 64. In the network
 * the tables of 32 channels, 0.75 MB, are read from L3 and cost more than they save: columns take 2.86 ms with spikes alone,
 * 2.64 with 16 channels combined, 2.97 with 32 as well, 3.75 with all.
 * In integers, rows of 16 bits for 16 channels: 0.80 ms as before with a spike a row, since each takes twice the loads; with
 * the rows of silence listed too, so that no run ends where no predictor knows, 0.82.
 */
const CACHED_BYTES = 256 * 1024;

/**
 * Combined rows where every reader of a value can take them, spikes elsewhere.
 * @param sources planes of the spiking values
 * @param placed all connections of the network
 */
export function rowCodings(
  { arithmetic }: Network,
  sources: ReadonlyMap<string, Plane>,
  placed: readonly Placed[],
): RowCodings {
  const integer = arithmetic === 'integer';
  const codings = new Map([...sources.keys()].map((value) => [value, combined]));
  for (const { connection, target } of placed) {
    const source = sources.get(connection.source)!;
    if (!takesCombined(connection, source, target, integer)) codings.set(connection.source, spikes);
  }
  return codings;
}

function takesCombined(connection: Connection, source: Plane, target: Plane, integer: boolean): boolean {
  switch (connection.kind) {
    case 'plain':
      return true;
    case 'table':
      return asSkip(connection, source, target) !== null;
    case 'conv': {
      // Sums of four weights are no 8-bit numbers.
      if (connection.group > 1 || integer) return false;
      const bytes = combined.perPosition(source) * sizeOf(connection.window.kernel) * target.stride * 4;
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
