// The nodes whose currents are computed one way or the other: all that add currents up.
import type { Network } from '../../snn/network/network.ts';
import { hasMembranes, type MembraneNode, membraneKey } from '../event/membrane-node.ts';

export type { MembraneNode };

/** The network's layers with membranes by their keys, in order. */
export function membraneNodes(network: Network): ReadonlyMap<string, MembraneNode> {
  return new Map(network.nodes.filter(hasMembranes).map((node) => [membraneKey(node), node]));
}
