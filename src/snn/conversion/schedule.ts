// When every window begins, and how long values wait (the window rule). Neurons begin as early as their sources
// allow. Linear nodes begin as late as their readers allow, so that what waits in delay lines are spikes, one of three
// values each, and not the currents that they cause.
import { opensAt, runningSources, type SnnNode, type Source } from '../network/network.ts';

/**
 * Sets `start` of every node and `delaySteps` of every edge. A layer integrates from the latest firing start of its
 * sources and fires its own Ts later; earlier sources are delayed to match; encoders of inputs start at 0. A decoder's value
 * is known T steps after its source begins, and is held for whoever reads it later.
 * @param nodes in topological order; their starts and delays are not read
 */
export function schedule(nodes: readonly SnnNode[], T: number): readonly SnnNode[] {
  const starts = latestStarts(nodes, earliestStarts(nodes, T), T);
  const startOf = new Map(
    nodes.flatMap((node) => (node.kind === 'readout' ? [] : [[node.output, starts.get(node)!]])),
  );
  return nodes.map((unscheduled): SnnNode => {
    const node = { ...unscheduled, start: starts.get(unscheduled)! };
    const opens = opensAt(node, T);
    const delayed = <S extends Source>(source: S): S =>
      'value' in source ? { ...source, delaySteps: opens - startOf.get(source.value)! } : source;
    if (node.kind === 'encoder')
      return node.source === undefined ? node : { ...node, source: delayed(node.source) };
    return { ...node, sources: (node.sources as readonly Source[]).map(delayed) } as SnnNode;
  });
}

function earliestStarts(nodes: readonly SnnNode[], T: number): Map<SnnNode, number> {
  const starts = new Map<SnnNode, number>();
  const ofValue = new Map<string, number>();
  for (const node of nodes) {
    const opens = Math.max(0, ...runningSources(node).map(({ value }) => ofValue.get(value)!));
    // opensAt counts back from the start: forwards it is as long.
    const start = opens - opensAt({ ...node, start: 0 }, T);
    starts.set(node, start);
    if (node.kind !== 'readout') ofValue.set(node.output, start);
  }
  return starts;
}

/** Moves every linear node to the earliest step at which one of its readers needs it. */
function latestStarts(
  nodes: readonly SnnNode[],
  starts: Map<SnnNode, number>,
  T: number,
): ReadonlyMap<SnnNode, number> {
  const needed = new Map<string, number>();
  for (const node of nodes.toReversed()) {
    if (node.kind === 'linear') starts.set(node, needed.get(node.output) ?? starts.get(node)!);
    const opens = opensAt({ ...node, start: starts.get(node)! }, T);
    for (const { value } of runningSources(node))
      needed.set(value, Math.min(opens, needed.get(value) ?? opens));
  }
  return starts;
}
