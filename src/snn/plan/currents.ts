// Which values are currents: sums of weighted spikes, no longer ternary. Planning, quantizers and composing must agree on it.
import { type CanonicalGraph, type CanonicalNode, opOf, type ValueId } from '../../graph/graph.ts';
import { isProduct } from './kinds.ts';

/**
 * Whether a node puts out currents, given the currents in front of it.
 * @param analog nodes that the user keeps analog: what they put out is made spikes again
 */
export function putsOutCurrents(
  graph: CanonicalGraph,
  node: CanonicalNode,
  analog: ReadonlySet<string>,
  currents: ReadonlySet<ValueId>,
): boolean {
  if (analog.has(node.name) || isProduct(graph, node)) return false;
  const { role } = opOf(node);
  if (role === 'weighted') return true;
  return (role === 'linear' || role === 'layout') && node.inputs.some((input) => currents.has(input));
}

/** Every current of a graph. */
export function currentsOf(graph: CanonicalGraph, analog: ReadonlySet<string>): ReadonlySet<ValueId> {
  const currents = new Set<ValueId>();
  for (const node of graph.nodes) {
    if (putsOutCurrents(graph, node, analog, currents))
      for (const output of node.outputs) currents.add(output);
  }
  return currents;
}
