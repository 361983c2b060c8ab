// The nodes whose currents are computed one way or the other: all that add currents up.
import type { DecoderNode, Network, NeuronNode, ReadoutNode } from '../../snn/network/network.ts';
import { hasMembranes, membraneKey } from '../event/event-network.ts';

export type MembraneNode = NeuronNode | ReadoutNode | DecoderNode;

/** The network's layers with membranes by their keys, in order. */
export function membraneNodes(network: Network): ReadonlyMap<string, MembraneNode> {
  return new Map(network.nodes.filter(hasMembranes).map((node) => [membraneKey(node), node]));
}
