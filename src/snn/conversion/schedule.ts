// When every window begins, and how long values wait (the window rule). Neurons begin as early as their sources
// allow. Linear nodes begin as late as their readers allow, so that what waits in delay lines are spikes, one of three
// values each, and not the currents that they cause.
import { type Edge, runningSources, type SnnNode } from '../network/network.ts';

/**
 * Sets `start` of every node and `delaySteps` of every edge. A layer integrates from the latest firing start of its
 * sources and fires its own Ts later; earlier sources are delayed to match; the encoder starts at 0.
 * @param nodes in topological order; their starts and delays are not read
 */
export function schedule(nodes: readonly SnnNode[]): readonly SnnNode[] {
  const starts = latestStarts(nodes, earliestStarts(nodes));
  const startOf = new Map(
    nodes.flatMap((node) => (node.kind === 'readout' ? [] : [[node.output, starts.get(node)!]])),
  );
  return nodes.map((node): SnnNode => {
    const start = starts.get(node)!;
    const opens = node.kind === 'neuron' ? start - node.Ts : start;
    const delayed = ({ value }: Edge): Edge => ({ value, delaySteps: opens - startOf.get(value)! });
    switch (node.kind) {
      case 'encoder':
        return { ...node, start };
      case 'linear':
        return {
          ...node,
          start,
          sources: node.sources.map((source) => ('value' in source ? delayed(source) : source)),
        };
      default:
        return { ...node, start, sources: node.sources.map((source) => ({ ...source, ...delayed(source) })) };
    }
  });
}

function earliestStarts(nodes: readonly SnnNode[]): Map<SnnNode, number> {
  const starts = new Map<SnnNode, number>();
  const ofValue = new Map<string, number>();
  for (const node of nodes) {
    const opens = Math.max(0, ...runningSources(node).map(({ value }) => ofValue.get(value)!));
    const start = node.kind === 'neuron' ? opens + node.Ts : opens;
    starts.set(node, start);
    if (node.kind !== 'readout') ofValue.set(node.output, start);
  }
  return starts;
}

/** Moves every linear node to the earliest step at which one of its readers needs it. */
function latestStarts(nodes: readonly SnnNode[], starts: Map<SnnNode, number>): ReadonlyMap<SnnNode, number> {
  const needed = new Map<string, number>();
  for (const node of nodes.toReversed()) {
    if (node.kind === 'linear') starts.set(node, needed.get(node.output) ?? starts.get(node)!);
    const opens = starts.get(node)! - (node.kind === 'neuron' ? node.Ts : 0);
    for (const { value } of runningSources(node))
      needed.set(value, Math.min(opens, needed.get(value) ?? opens));
  }
  return starts;
}
