// The spikes of one image as rows of a few neurons of each layer.
import type { Trace } from '../engines/engine.ts';
import { argmax, scoredReadout } from '../metrics/accuracy.ts';
import { latencyOf } from '../metrics/latency.ts';
import { type Network, spikingLayers } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import type { RasterTable } from './page-data.ts';

/** Rows of all layers together, and of one layer at least and at most. */
const ROWS = 140;
const FEWEST = 4;
const MOST = 18;

/** Neurons at equal distances, from a trace of one image that holds spikes. */
export function rasterTable(
  network: Network,
  trace: Trace,
  { image, label }: Pick<RasterTable, 'image' | 'label'>,
): RasterTable {
  const layers = spikingLayers(network);
  const rows = Math.min(MOST, Math.max(FEWEST, Math.floor(ROWS / layers.length)));
  const { T } = network.coding;
  const scores = scoredReadout(network);
  const answer =
    scores === null
      ? null
      : argmax(trace.logits.get(scores.name)!.subarray((T - 1) * scores.classes), 0, scores.classes);
  return {
    ...{ image, label, answer, steps: latencyOf(network).steps },
    layers: layers.map(({ name, shape, start }) => {
      const neurons = sizeOf(shape);
      const shown = Array.from({ length: Math.min(rows, neurons) }, (_, row) =>
        Math.floor(((row + 0.5) * neurons) / Math.min(rows, neurons)),
      );
      const spikes = trace.layers.get(name)!.spikes!;
      const marks = shown.flatMap((neuron, row) =>
        Array.from({ length: T }, (_, t) => [row, start + t, spikes[t * neurons + neuron]!] as const),
      );
      return { name, neurons, shown, start, spikes: marks.filter(([, , sign]) => sign !== 0) };
    }),
  };
}
