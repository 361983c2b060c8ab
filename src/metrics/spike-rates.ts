// How often the neurons of a network spike: measured once, at conversion, so that whoever runs the network can tell what its
// layers cost before the run.
import type { Engine } from '../engines/engine.ts';
import { isSpiking, type Network, spikingLayers } from '../snn/network/network.ts';
import { type FloatTensor, sizeOf } from '../tensor/tensor.ts';
import { addTrace, emptyTally, totalSpikes } from './tally.ts';

/** Images that rates are measured on at most: what they differ by is little beside what layers differ by. */
const MOST_IMAGES = 8;

/** Products, T times the ANN's for each image, that measuring may take: a second or two. */
const PRODUCTS = 5e10;

/** Digits that are kept: the order in which a processor sums can move the others. */
const DIGITS = 3;

/** Images to measure rates on; 0 for a network so large that measuring takes longer, and more memory, than converting. */
export function rateImages({ coding, annOperations }: Network): number {
  return Math.min(MOST_IMAGES, Math.floor(PRODUCTS / (coding.T * Math.max(1, annOperations.macs))));
}

/**
 * The network with `spikesPerNeuron` at every layer that spikes.
 * @param images [N, ...image], normalised as the ANN expects them
 */
export async function withSpikeRates(
  network: Network,
  engine: Engine,
  images: FloatTensor,
): Promise<Network> {
  const [count = 0, ...image] = images.shape;
  const size = sizeOf(image);
  const batch = engine.batch(network);
  const tally = emptyTally();
  const compiled = await engine.compile(network);
  try {
    for (let from = 0; from < count; from += batch) {
      const to = Math.min(from + batch, count);
      const data = images.data.subarray(from * size, to * size);
      addTrace(tally, await compiled.run({ ...images, shape: [to - from, ...image], data }));
    }
  } finally {
    await compiled.release();
  }
  const rates = new Map(
    spikingLayers(network).map(({ name, shape }) => [
      name,
      Number((totalSpikes(tally, name) / count / sizeOf(shape)).toPrecision(DIGITS)),
    ]),
  );
  const nodes = network.nodes.map((node) =>
    isSpiking(node) ? { ...node, spikesPerNeuron: rates.get(node.name)! } : node,
  );
  return { ...network, nodes };
}
