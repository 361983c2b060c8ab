// Layers that compute alike as calls of one function: the Scan of a layer of neurons takes five times the bytes of its own
// numbers, and one definition reads better than twenty copies. What a function is made of is standard operators.
import type { FunctionSpec, GraphSpec, NodeSpec, Part } from '../onnx/write.ts';
import { sameTensor } from '../tensor/tensor.ts';
import { type Definition, definitionOf } from './definition.ts';
import { placed, withoutUnread } from './initializers.ts';

/** The domain of the functions. */
const DOMAIN = 'ann2snn';

/** Up to so many elements a constant that all layers of a kind share stands in their function. */
const SMALL = 64;

interface Layer extends Definition {
  readonly part: Part;
  /** Place of its last node in the graph: what it reads is computed before that. */
  readonly at: number;
}

/**
 * Before -> after: the nodes of each part of the graph -> one call of a function of the part's kind. Parts have the same
 * function where they have the same nodes; constants in which they differ are its inputs, behind the values that it reads.
 */
export function layerFunctions(graph: GraphSpec): {
  readonly graph: GraphSpec;
  readonly functions: readonly FunctionSpec[];
} {
  const layers = layersOf(graph);
  const alike = new Map<string, Layer[]>();
  for (const layer of layers) {
    alike.set(layer.structure, [...(alike.get(layer.structure) ?? []), layer]);
  }
  const initializers = new Map(graph.initializers);
  const functions: FunctionSpec[] = [];
  const calls = new Map<number, NodeSpec>();
  for (const members of alike.values()) {
    const { kind } = members[0]!.part;
    const earlier = functions.filter(({ name }) => name.replace(/\d+$/, '') === kind).length;
    const { definition, varying } = functionOf(members, earlier === 0 ? kind : `${kind}${earlier + 1}`);
    functions.push(definition);
    for (const { part, at, values, constants, outputs } of members) {
      const given = varying.map((k) => placed(initializers, part.name, constants[k]!));
      calls.set(at, {
        name: part.name,
        opType: definition.name,
        domain: DOMAIN,
        inputs: [...values, ...given],
        outputs,
        attributes: new Map(),
      });
    }
  }
  const nodes = graph.nodes.flatMap((node, i) => calls.get(i) ?? (node.part === undefined ? [node] : []));
  return { graph: withoutUnread({ ...graph, nodes, initializers }), functions };
}

/** The parts of the graph in the order of their last nodes, each in names of its own. */
function layersOf(graph: GraphSpec): Layer[] {
  const parts = new Map<Part, number[]>();
  graph.nodes.forEach(({ part }, i) => {
    if (part !== undefined) parts.set(part, [...(parts.get(part) ?? []), i]);
  });
  const readers = new Map<string, Set<Part | undefined>>();
  const mark = (name: string, part?: Part) => readers.set(name, (readers.get(name) ?? new Set()).add(part));
  for (const { inputs, part } of graph.nodes) for (const name of inputs) mark(name, part);
  for (const { name } of graph.outputs) mark(name);
  return [...parts].map(([part, places]) => {
    const nodes = places.map((i) => graph.nodes[i]!);
    const isOutput = (name: string) => [...(readers.get(name) ?? [])].some((reader) => reader !== part);
    return { part, at: places.at(-1)!, ...definitionOf(nodes, graph.initializers, isOutput) };
  });
}

/** The function of layers of one structure, and which of their constants it is given. */
function functionOf(members: readonly Layer[], name: string) {
  const [first] = members as readonly [Layer, ...Layer[]];
  const isVarying = (k: number) => {
    const { value } = first.constants[k]!;
    return (
      value.data.length > SMALL || members.some((member) => !sameTensor(member.constants[k]!.value, value))
    );
  };
  const all = first.constants.map((_, k) => k);
  const varying = all.filter(isVarying);
  const fixed = all.filter((k) => !varying.includes(k)).map((k) => constantNode(first.constants[k]!));
  const definition: FunctionSpec = {
    domain: DOMAIN,
    name,
    inputs: [...first.inputs, ...varying.map((k) => first.constants[k]!.inside)],
    outputs: first.results,
    nodes: [...fixed, ...first.nodes],
  };
  return { definition, varying };
}

function constantNode({ inside, value }: Definition['constants'][number]): NodeSpec {
  return {
    name: '',
    opType: 'Constant',
    domain: '',
    inputs: [],
    outputs: [inside],
    attributes: new Map([['value', { type: 'tensor', value }]]),
  };
}
