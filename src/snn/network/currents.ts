// Which weighted maps multiply currents instead of spikes: they cost products, not accumulates.
import type { LinearSnnNode, Network } from './network.ts';

/** The weighted maps that the user keeps analog: at each of the T steps they multiply currents. */
export function fedByCurrents({ nodes }: Pick<Network, 'nodes'>): ReadonlySet<LinearSnnNode> {
  return new Set(nodes.filter((node) => node.kind === 'linear').filter((node) => node.analog === true));
}
