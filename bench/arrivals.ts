// What arrives at each node of a network: additions an image, counted from its sources' spikes, walked as the event engine
// walks them.
import { type Connection, ConnectionFinder } from '../src/engines/event/connections.ts';
import { type SpikeTally, totalSpikes } from '../src/metrics/tally.ts';
import { type Network, shapesOf, spikingLayers } from '../src/snn/network/network.ts';
import type { Shape } from '../src/tensor/tensor.ts';

/** Additions of one image by the name of the node whose membranes they go to. */
export function arrivals(network: Network, tally: SpikeTally): ReadonlyMap<string, number> {
  const finder = new ConnectionFinder(network);
  const shapes = shapesOf(network);
  const emitters = new Map(
    spikingLayers(network).map((node) => [(node as { readonly output: string }).output, node.name]),
  );
  return new Map(
    network.nodes.flatMap((node) => {
      if (node.kind !== 'neuron' && node.kind !== 'readout' && node.kind !== 'decoder') return [];
      const paths = node.sources.flatMap(({ value }) => finder.into(value));
      const sum = paths.reduce((so, path) => {
        const layer = emitters.get(path.source);
        if (layer === undefined || totalSpikes(tally, layer) === 0) return so;
        const fanOut = fanOutOf(path, shapes.get(path.source)!);
        const { perNeuron } = tally.layers.get(layer)!;
        return so + perNeuron.reduce((adds, count, i) => adds + count * fanOut(i), 0);
      }, 0);
      return [[node.name, sum / tally.images] as const];
    }),
  );
}

/** Synapses of element i of [C, H, W]. */
function fanOutOf(connection: Connection, shape: Shape): (i: number) => number {
  if (connection.kind === 'plain') return () => 0;
  if (connection.kind === 'average') return () => connection.weights.shape[0]!;
  if (connection.kind === 'table') return (i) => connection.starts[i + 1]! - connection.starts[i]!;
  const { window, weights, group } = connection;
  const [height, width] = window.input as [number, number];
  const seenBy = [0, 1].map((axis) =>
    Array.from({ length: window.input[axis]! }, (_, at) => {
      let count = 0;
      for (let tap = 0; tap < window.kernel[axis]!; tap++) {
        const out = at + window.padsBegin[axis]! - tap * window.dilations[axis]!;
        const step = window.strides[axis]!;
        if (out >= 0 && out % step === 0 && out / step < window.output[axis]!) count++;
      }
      return count;
    }),
  ) as [number[], number[]];
  const outputs = weights.shape[0]! / group;
  const area = shape.length === 3 ? height * width : 1;
  return (i) =>
    outputs * (area === 1 ? 1 : seenBy[0][Math.floor((i % area) / width)]! * seenBy[1][i % width]!);
}
