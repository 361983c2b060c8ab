// Sums over a whole evaluation: every batch's trace is added, and every metric is computed from the sums at the
// end. Addition in batch order makes the result independent of how the work was split.
import type { Trace } from '../engines/engine.ts';

/** Spike counts of one layer over all images. */
export interface LayerTally {
  /** Spikes at each step, over all neurons: [T]. */
  readonly perStep: Float64Array;
  /** Spikes of each neuron, over all steps: [...shape]. */
  readonly perNeuron: Float64Array;
}

/** Spike counts of every layer, by name. */
export interface SpikeTally {
  images: number;
  readonly layers: Map<string, LayerTally>;
}

export function emptyTally(): SpikeTally {
  return { images: 0, layers: new Map() };
}

export function addTrace(tally: SpikeTally, trace: Trace): void {
  tally.images += trace.images;
  for (const [name, { perStep, perNeuron }] of trace.layers) {
    const sum = tally.layers.get(name);
    if (sum === undefined) tally.layers.set(name, { perStep: perStep.slice(), perNeuron: perNeuron.slice() });
    else {
      addInto(sum.perStep, perStep);
      addInto(sum.perNeuron, perNeuron);
    }
  }
}

/** Spikes of one layer over all images. */
export function totalSpikes(tally: SpikeTally, layer: string): number {
  return tally.layers.get(layer)!.perStep.reduce((a, b) => a + b, 0);
}

function addInto(sum: Float64Array, counts: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += counts[i]!;
}
