// Tables that are skips past a layer: every channel of a position reaches one channel, as many further on for all, of the
// position that sees it.
import type { TableConnection } from './connections.ts';
import type { Plane } from './plane.ts';

/** A skip as skipF32 and skipI32 walk it. */
export interface Skip {
  readonly strides: readonly [y: number, x: number];
  /** How many channels further on its targets lie. */
  readonly offset: number;
  /** One weight for each channel of the source, padding included. */
  readonly weights: Float64Array;
  /** Whether it reaches every target, those in the padding included. */
  readonly whole: boolean;
}

/** What a table is as a skip; null where it is none. */
export function asSkip(connection: TableConnection, source: Plane, target: Plane): Skip | null {
  const { starts, targets } = connection;
  const first = starts.findIndex((start, i) => i > 0 && start > starts[i - 1]!) - 1;
  if (first < 0) return null;
  const offset = channelOf(target, targets[starts[first]!]!) - channelOf(source, first);
  const strides = [Math.ceil(source.height / target.height), Math.ceil(source.width / target.width)] as const;
  const fits =
    offset >= 0 &&
    offset % 4 === 0 &&
    offset + source.stride <= target.stride &&
    (target.height - 1) * strides[0] < source.height &&
    (target.width - 1) * strides[1] < source.width;
  if (!fits) return null;
  const weights = weightsOf(connection, source);
  if (!isSkip(connection, source, target, strides, offset, weights)) return null;
  return { strides, offset, weights, whole: source.stride === target.stride };
}

/** The weight of each channel's first synapse. */
function weightsOf(
  { starts, weights }: TableConnection,
  { channels, positions, stride }: Plane,
): Float64Array {
  const found = new Float64Array(stride);
  for (let c = 0; c < channels; c++) {
    const k = starts[c * positions]!;
    if (k < starts[(c + 1) * positions]!) found[c] = weights[k]!;
  }
  return found;
}

/** Whether these are all synapses, and no other. */
function isSkip(
  { starts, targets, weights }: TableConnection,
  source: Plane,
  target: Plane,
  [strideY, strideX]: Skip['strides'],
  offset: number,
  expected: Float64Array,
): boolean {
  for (let c = 0; c < source.channels; c++) {
    for (let p = 0; p < source.positions; p++) {
      const k = starts[c * source.positions + p]!;
      const count = starts[c * source.positions + p + 1]! - k;
      const [y, x] = [Math.floor(p / source.width), p % source.width];
      const [oy, ox] = [y / strideY, x / strideX];
      const seen = Number.isInteger(oy) && Number.isInteger(ox) && oy < target.height && ox < target.width;
      if (count !== (seen && expected[c] !== 0 ? 1 : 0)) return false;
      if (count === 0) continue;
      const element = (c + offset) * target.positions + oy * target.width + ox;
      if (targets[k] !== element || weights[k] !== expected[c]) return false;
    }
  }
  return true;
}

function channelOf({ positions }: Plane, element: number): number {
  return Math.floor(element / positions);
}
