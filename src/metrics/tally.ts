// Sums over a whole evaluation: every batch's trace is added, and every metric is computed from the sums at the
// end. Addition in batch order makes the result independent of how the work was split.
import type { Trace } from '../engines/engine.ts';

/** Spike counts of all images, by layer: [T, ...shape]. */
export interface SpikeTally {
  images: number;
  readonly counts: Map<string, Float64Array>;
}

export function emptyTally(): SpikeTally {
  return { images: 0, counts: new Map() };
}

export function addTrace(tally: SpikeTally, trace: Trace): void {
  tally.images += trace.images;
  for (const [layer, { counts }] of trace.layers) {
    const sum = tally.counts.get(layer);
    if (sum === undefined) tally.counts.set(layer, counts.slice());
    else for (let i = 0; i < sum.length; i++) sum[i]! += counts[i]!;
  }
}
