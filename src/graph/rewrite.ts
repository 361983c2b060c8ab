// The one way a pass edits a graph: node by node, each replaced by other nodes, by another value, or left.
import type { Tensor } from '../tensor/tensor.ts';
import {
  buildGraph,
  type consumersOf,
  type Graph,
  type Node,
  partsOf,
  type ValueId,
  valueId,
} from './graph.ts';

/** What a node is replaced by. */
export interface Replacement {
  /** Nodes that take its place; none drops it. */
  readonly nodes: readonly Node[];
  /** New constants, or constants with a new value. */
  readonly constants?: ReadonlyMap<ValueId, Tensor>;
  /** Values of the dropped node that readers find elsewhere from now on. */
  readonly aliases?: ReadonlyMap<ValueId, ValueId>;
}

/** Rebuilds the graph with every node for which `replace` answers replaced; facts are inferred anew. */
export function rewrite(graph: Graph, replace: (node: Node) => Replacement | null): Graph {
  const aliases = new Map<ValueId, ValueId>();
  const resolve = (value: ValueId): ValueId => aliases.get(value) ?? value;
  const constants = new Map(graph.constants);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const found = replace(node);
    if (found === null) {
      nodes.push(withInputs(node, node.inputs.map(resolve)));
      continue;
    }
    for (const made of found.nodes) nodes.push(withInputs(made, made.inputs.map(resolve)));
    for (const [id, value] of found.constants ?? []) constants.set(id, value);
    for (const [from, to] of found.aliases ?? []) aliases.set(from, resolve(to));
  }
  return buildGraph({ ...partsOf(graph), nodes, constants, outputs: graph.outputs.map(resolve) });
}

/** The node with other inputs. */
export function withInputs<N extends Node>(node: N, inputs: readonly ValueId[]): N {
  return { ...node, inputs };
}

/** The only reader of a value, or undefined when it has several, none, or is an output of the graph. */
export function onlyConsumer<N extends Node>(
  graph: Graph<N>,
  consumers: ReadonlyMap<ValueId, readonly N[]>,
  value: ValueId,
): N | undefined {
  const readers = consumers.get(value) ?? [];
  return readers.length === 1 && !graph.outputs.includes(value) ? readers[0] : undefined;
}

/** `wanted`, unless something else reads the constant of that name: then a new name, made from the node's. */
export function ownConstantId(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  wanted: ValueId | undefined,
  node: string,
  role: string,
): ValueId {
  const own =
    wanted !== undefined && (consumers.get(wanted)?.length ?? 0) <= 1 && !graph.outputs.includes(wanted);
  return own ? wanted : freshValue(graph, `${node}.${role}`);
}

/** `wanted`, marked where the graph has a value of that name. */
export function freshValue(graph: Graph, wanted: string): ValueId {
  return freshName(wanted, (name) => graph.facts.has(valueId(name))) as ValueId;
}

/** `wanted`, marked where the graph has a node of that name. */
export function freshNode(graph: Graph, wanted: string): string {
  return freshName(wanted, (name) => graph.nodes.some((node) => node.name === name));
}

function freshName(wanted: string, taken: (name: string) => boolean): string {
  let name = wanted;
  while (taken(name)) name += '~';
  return name;
}
