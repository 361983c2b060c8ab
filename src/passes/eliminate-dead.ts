// Drops nodes that no output depends on, and constants that no node reads.
import { buildGraph, partsOf } from '../graph/graph.ts';
import type { Change, Pass } from './pass.ts';

/** Drops what does not reach an output. */
export const eliminateDead: Pass = {
  name: 'eliminate-dead',
  summary: 'drop nodes and constants that no output depends on',
  run(graph) {
    const live = new Set<string>(graph.outputs);
    const kept = graph.nodes
      .toReversed()
      .filter((node) => {
        if (!node.outputs.some((output) => live.has(output))) return false;
        for (const input of node.inputs) live.add(input);
        return true;
      })
      .toReversed();
    const keptNames = new Set(kept.map((node) => node.name));
    const changes: Change[] = graph.nodes
      .filter((node) => !keptNames.has(node.name))
      .map((node) => ({ node: node.name, kind: 'dropped', detail: 'no output depends on it' }));
    const constants = new Map([...graph.constants].filter(([id]) => live.has(id)));
    return { graph: buildGraph({ ...partsOf(graph), nodes: kept, constants }), changes, skipped: [] };
  },
};
