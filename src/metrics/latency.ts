// Latency and throughput by the window rule (SWS Eq. 6 on the graph's own longest path).
import { type Network, pipelineInterval, readouts, runningSources } from '../snn/network/network.ts';

export interface Latency {
  /** Steps from the entry of an image until the last readout has all of its input: T plus every Ts on the longest path. */
  readonly steps: number;
  /** TSA layers on the longest path: the L of T + Ts L. */
  readonly tsaLayers: number;
  /** Steps after which the next image can enter: T + max Ts, and what comes ahead of a layer's window. */
  readonly interval: number;
}

/** Computes latency from the windows that the network declares. */
export function latencyOf(network: Network): Latency {
  const { T } = network.coding;
  return {
    steps: T + Math.max(...readouts(network).map((node) => node.start)),
    tsaLayers: longestPath(network),
    interval: pipelineInterval(network),
  };
}

function longestPath(network: Network): number {
  const depth = new Map<string, number>();
  let longest = 0;
  for (const node of network.nodes) {
    const before = Math.max(0, ...runningSources(node).map(({ value }) => depth.get(value)!));
    const own = before + (node.kind === 'neuron' ? 1 : 0);
    longest = Math.max(longest, own);
    if (node.kind !== 'readout') depth.set(node.output, own);
  }
  return longest;
}
