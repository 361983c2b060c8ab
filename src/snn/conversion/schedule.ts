// When every window begins, and how long values wait (the window rule). Neurons begin as early as their sources
// allow. Linear nodes begin as late as their readers allow, so that what waits in delay lines are spikes, one of three
// values each, and not the currents that they cause.
import { type Edge, opensAt, runningSources, type SnnNode, type Source } from '../network/network.ts';
import { aheadSteps } from './look-ahead.ts';

/**
 * Sets `start` of every node and `delaySteps` of every edge. A layer integrates from the latest firing start of its
 * sources and fires its own Ts later; earlier sources are delayed to match; encoders of inputs start at 0. A decoder's value
 * is known T steps after its source begins, and is held for whoever reads it later. Where neurons look ahead, sources that
 * would wait for others do so less, and run ahead of the window.
 * @param nodes in topological order; their starts and delays are not read
 */
export function schedule(nodes: readonly SnnNode[], T: number, lookAhead = false): readonly SnnNode[] {
  const earliest = earliestStarts(nodes, T);
  const ahead = lookAhead ? runningAhead(nodes, earliest, T) : new Map<Edge, number>();
  const starts = latestStarts(nodes, earliest, ahead, T);
  const startOf = new Map(
    nodes.flatMap((node) => (node.kind === 'readout' ? [] : [[node.output, starts.get(node)!]])),
  );
  return nodes.map((unscheduled): SnnNode => {
    const node = { ...unscheduled, start: starts.get(unscheduled)! };
    const opens = opensAt(node, T);
    const delayed = <S extends Source>(source: S): S => {
      if (!('value' in source)) return source;
      const early = ahead.get(source) ?? 0;
      const delaySteps = opens - early - startOf.get(source.value)!;
      return { ...source, delaySteps, ...(early === 0 ? {} : { aheadSteps: early }) };
    };
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

/** How far each source of a layer of neurons can run ahead of its window. */
function runningAhead(
  nodes: readonly SnnNode[],
  starts: ReadonlyMap<SnnNode, number>,
  T: number,
): ReadonlyMap<Edge, number> {
  const ofValue = new Map(
    nodes.flatMap((node) => (node.kind === 'readout' ? [] : [[node.output, starts.get(node)!] as const])),
  );
  return new Map(
    nodes.flatMap((node) => {
      if (node.kind !== 'neuron') return [];
      const opens = starts.get(node)! - node.Ts;
      return node.sources.map(
        (source) => [source, aheadSteps(opens - ofValue.get(source.value)!, node.Ts, T)] as const,
      );
    }),
  );
}

/** Moves every linear node to the earliest step at which one of its readers needs it. */
function latestStarts(
  nodes: readonly SnnNode[],
  starts: Map<SnnNode, number>,
  ahead: ReadonlyMap<Edge, number>,
  T: number,
): ReadonlyMap<SnnNode, number> {
  const needed = new Map<string, number>();
  for (const node of nodes.toReversed()) {
    if (node.kind === 'linear') starts.set(node, needed.get(node.output) ?? starts.get(node)!);
    const opens = opensAt({ ...node, start: starts.get(node)! }, T);
    for (const source of runningSources(node)) {
      const wanted = opens - (ahead.get(source) ?? 0);
      needed.set(source.value, Math.min(wanted, needed.get(source.value) ?? wanted));
    }
  }
  return starts;
}
