// Changes of a NIR graph: a new graph each, the given one stays.
import type { NirEdge, NirGraph, NirNode } from '../nir/graph.ts';

/** The graph with one node in the place of another of the same name. */
export function withNode(graph: NirGraph, name: string, node: NirNode): NirGraph {
  return {
    ...graph,
    nodes: new Map([...graph.nodes].map(([other, old]) => [other, other === name ? node : old])),
  };
}

/** A stretch that is put behind a node: its nodes, its inner edges, and where its edges come in and go out. */
export interface Insertion {
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly NirEdge[];
  readonly entries: readonly string[];
  readonly exits: readonly string[];
}

/** The graph with everything that left the node `behind` now leaving the insertion. */
export function insertBehind(
  graph: NirGraph,
  behind: string,
  { nodes, edges, entries, exits }: Insertion,
): NirGraph {
  return {
    ...graph,
    nodes: new Map([...graph.nodes, ...nodes]),
    edges: [
      ...entries.map((entry): NirEdge => [behind, entry]),
      ...edges,
      ...graph.edges.flatMap(([from, to]) =>
        from === behind ? exits.map((exit): NirEdge => [exit, to]) : [[from, to] as const],
      ),
    ],
  };
}

/** `wanted`, or with a number behind it where the graph has a node of that name. */
export function freeName(graph: NirGraph, wanted: string): string {
  let name = wanted;
  for (let i = 2; graph.nodes.has(name); i++) name = `${wanted}_${i}`;
  return name;
}
