// How an evaluation is cut. Boundaries depend on the images and the engine's batch only, so that floating point sums come
// out the same however many workers share the shards.

/** Images that are measured together, and added up before they meet the other shards' sums. */
export interface Shard {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Whether its layers are diagnosed. */
  readonly diagnosed: boolean;
}

/** Images of a shard at least: few enough for workers to end together, enough that sums are seldom sent. */
const SHARD_IMAGES = 16;

/**
 * Cuts the images 0 to `count`: the first shards hold the `diagnosed` images, and every shard holds whole batches but the
 * last of either kind.
 */
export function cutShards(count: number, batch: number, diagnosed: number): Shard[] {
  const size = batch * Math.ceil(SHARD_IMAGES / batch);
  const border = Math.min(diagnosed, count);
  const cut = (first: number, end: number, isDiagnosed: boolean) =>
    Array.from({ length: Math.ceil((end - first) / size) }, (_, i): Shard => {
      const from = first + i * size;
      return { from, to: Math.min(from + size, end), diagnosed: isDiagnosed };
    });
  return [...cut(0, border, true), ...cut(border, count, false)];
}
