// How often layers spike, as far as that is known before the run.
import { isSpiking, type Network, spikingLayers } from '../../snn/network/network.ts';

/** Spikes for each neuron and image of every layer that spikes, by the name of its output. */
export interface SpikeRates {
  readonly ofValue: ReadonlyMap<string, number>;
  /** Layers whose rate is not in the network. */
  readonly assumed: readonly string[];
}

/**
 * Spikes for each step that layers with a threshold of theta / 2 are seen to emit (0.91 in 4 steps, 1.82 in 8, 2.83 in 12 on
 * ResNet-20), and what the same layers emit less for each theta above that (1.29 in 8 steps at 2/3).
 */
const PER_STEP = 0.23;
const LESS_PER_THETA = 0.4;

/** The rates that a network stores, and for a layer without one what networks of its T and threshold are seen to emit. */
export function spikeRates(network: Network): SpikeRates {
  const { T, phi } = network.coding;
  const layers = spikingLayers(network);
  const usual = (threshold: number) => T * (PER_STEP - LESS_PER_THETA * (threshold - 1 / 2));
  const ofValue = new Map(
    layers.map((node) => {
      const threshold = node.kind === 'neuron' ? node.phi : phi;
      return [node.output, node.spikesPerNeuron ?? Math.max(0, usual(threshold))] as const;
    }),
  );
  // An image that enters as it is has all of its values in one step.
  for (const node of network.nodes) {
    if (node.kind === 'encoder' && !isSpiking(node)) ofValue.set(node.output, 1);
  }
  const assumed = layers.filter(({ spikesPerNeuron }) => spikesPerNeuron === undefined);
  return { ofValue, assumed: assumed.map(({ name }) => name) };
}
