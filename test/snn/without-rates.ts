// What a network is without what was measured of it: a conversion without images measures no spike rates.
import type { Network } from '../../src/snn/network/network.ts';

export function withoutRates(network: Network): Network {
  const nodes = network.nodes.map((node) => {
    if (node.kind !== 'neuron' && node.kind !== 'encoder') return node;
    const { spikesPerNeuron: _, ...rest } = node;
    return rest;
  });
  return { ...network, nodes };
}
