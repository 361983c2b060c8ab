// A network whose neurons fire later at the last step and, on request, never negatively.
import type { Network } from '../../src/snn/network/network.ts';

export function ablated(network: Network, negativeSpikes = false): Network {
  const change = { lastPhi: 0.75, ...(negativeSpikes ? {} : { negativeSpikes: false as const }) };
  return {
    ...network,
    nodes: network.nodes.map((node) => (node.kind === 'neuron' ? { ...node, ...change } : node)),
  };
}
