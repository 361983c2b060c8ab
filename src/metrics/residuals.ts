// How what is left in the membranes is distributed, layer by layer: CSS Fig. 2 (c) and Fig. 3.
import type { Trace } from '../engines/engine.ts';
import { type Network, neuronLayers } from '../snn/network/network.ts';

/** Residuals of one layer in bins of equal width. */
export interface ResidualCounts {
  readonly name: string;
  /** Neurons and images in each bin. */
  readonly counts: Float64Array;
  /** Below the first bin and above the last. */
  below: number;
  above: number;
}

const REACH = 2;
const BINS = 80;

/** Ends of the bins in units of theta: from -2 to 2, 0.05 wide. */
export const RESIDUAL_EDGES: readonly number[] = Array.from(
  { length: BINS + 1 },
  (_, i) => (i * 2 * REACH) / BINS - REACH,
);

export function emptyResiduals(network: Network): ResidualCounts[] {
  return neuronLayers(network).map(({ name }) => ({
    name,
    counts: new Float64Array(BINS),
    below: 0,
    above: 0,
  }));
}

/** Adds a batch, whose trace must hold states. */
export function addResiduals(sums: readonly ResidualCounts[], trace: Trace): void {
  for (const layer of sums) {
    for (const residual of trace.layers.get(layer.name)?.residual ?? []) {
      const bin = Math.floor(((residual + REACH) * BINS) / (2 * REACH));
      if (bin < 0) layer.below++;
      // The last bin holds its upper end.
      else if (bin >= BINS && residual > REACH) layer.above++;
      else layer.counts[Math.min(bin, BINS - 1)]!++;
    }
  }
}
