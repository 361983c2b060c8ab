// The network as a graph of typed nodes. Rebuilt by passes, never changed in place.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import {
  type activationOps,
  type canonicalOps,
  type headOps,
  type linearOps,
  opNamed,
  type ops,
  type quantizerOps,
} from '../ops/index.ts';
import type { Fact, Op } from '../ops/op.ts';
import type { Shape, Tensor } from '../tensor/tensor.ts';

declare const valueBrand: unique symbol;

/** The name of a value (tensor) of a graph; unique in it. */
export type ValueId = string & { readonly [valueBrand]: true };

/** Marks a string from a file as a value's name. */
export function valueId(name: string): ValueId {
  return name as ValueId;
}

interface NodeOf<Name extends string, A> {
  /** Name of the node in the ONNX file, or made from it by a pass. */
  readonly name: string;
  readonly op: Name;
  readonly attributes: A;
  /** Operands: values produced by nodes, graph inputs or constants. */
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

type NodeOfOp<O> = O extends Op<infer Name, infer A> ? NodeOf<Name, A> : never;

/** Any node, discriminated by `op`. */
export type Node = NodeOfOp<(typeof ops)[number]>;

/** The node type of one operator. */
export type NodeNamed<Name extends Node['op']> = Extract<Node, { readonly op: Name }>;

/** A feed-forward graph. Nodes are in topological order. */
export interface Graph<N extends Node = Node> {
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
  readonly nodes: readonly N[];
  readonly constants: ReadonlyMap<ValueId, Tensor>;
  /** Type and shape of every value, batch axis included; constants carry their value. */
  readonly facts: ReadonlyMap<ValueId, Fact>;
}

/** A node of an operator that is left when every pass has run. */
export type CanonicalNode = NodeOfOp<(typeof canonicalOps)[number]>;

/** A node whose function neurons track. */
export type ActivationNode = NodeOfOp<(typeof activationOps)[number]>;

/** A node that rounds to the grid that spikes carry. */
export type QuantizerNode = NodeOfOp<(typeof quantizerOps)[number]>;

/** A last step that the readout leaves out. */
export type HeadNode = NodeOfOp<(typeof headOps)[number]>;

/** A node that acts on spikes or currents, step by step. */
export type LinearNode = NodeOfOp<(typeof linearOps)[number]>;

/**
 * A graph after normalisation: only operators of `canonicalOps`; weights are constants; Mul and a constant Add have
 * their runtime operand first; Gemm is y = x W^T + b; axis 0 of every runtime value is the batch, facts
 * are stated for a batch of 1, and no node mixes images.
 */
export type CanonicalGraph = Graph<CanonicalNode>;

/** The operator of a node, for code that treats all nodes alike. */
export function opOf(node: Node): Op {
  return opNamed(node.op)!;
}

/** The fact of a value that is known to exist. */
export function factOf(graph: Pick<Graph, 'facts'>, value: ValueId): Fact {
  const fact = graph.facts.get(value);
  if (fact === undefined) {
    throw new Ann2SnnError('invalid-graph', { where: value, message: 'no node produces this value' });
  }
  return fact;
}

/** The nodes that read each value, in order; a node that reads a value twice is listed twice. */
export function consumersOf<N extends Node>(graph: Graph<N>): ReadonlyMap<ValueId, readonly N[]> {
  const consumers = new Map<ValueId, N[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return consumers;
}

/** The node that produces each value. */
export function producersOf<N extends Node>(graph: Graph<N>): ReadonlyMap<ValueId, N> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** What a graph is made from; its facts follow. */
export interface GraphParts<N extends Node = Node> {
  readonly inputs: ReadonlyMap<ValueId, Fact>;
  readonly outputs: readonly ValueId[];
  readonly nodes: readonly N[];
  readonly constants: ReadonlyMap<ValueId, Tensor>;
}

/**
 * Builds a graph: infers every fact from the inputs on, and checks that nodes are in order and that
 * values are defined once. A pass that makes a bad node fails here, where it was made.
 * @throws Ann2SnnError `invalid-graph` or `shape-mismatch`, naming the node.
 */
export function buildGraph<N extends Node>(parts: GraphParts<N>): Graph<N> {
  const facts = new Map<ValueId, Fact>(parts.inputs);
  for (const [id, value] of parts.constants) {
    facts.set(id, { dtype: value.dtype, shape: value.shape, value });
  }
  for (const node of parts.nodes) {
    const operands = node.inputs.map((input) => {
      const fact = facts.get(input);
      if (fact === undefined) {
        throw new Ann2SnnError('invalid-graph', {
          where: node.name,
          message: `reads "${input}", which no earlier node produces`,
        });
      }
      return fact;
    });
    const results = opOf(node).infer(node.attributes, operands, node.name);
    node.outputs.forEach((output, i) => {
      if (facts.has(output)) {
        throw new Ann2SnnError('invalid-graph', {
          where: node.name,
          message: `produces "${output}", which exists already`,
        });
      }
      facts.set(output, results[i]!);
    });
  }
  const missing: Problem[] = parts.outputs
    .filter((output) => !facts.has(output))
    .map((output) => ({ where: `output "${output}"`, message: 'no node produces it' }));
  throwIfAny('invalid-graph', missing);
  return {
    inputs: [...parts.inputs.keys()],
    outputs: parts.outputs,
    nodes: parts.nodes,
    constants: parts.constants,
    facts,
  };
}

/** The parts of a graph, to be rebuilt with some of them replaced. */
export function partsOf<N extends Node>(graph: Graph<N>): GraphParts<N> {
  return {
    inputs: new Map(graph.inputs.map((input) => [input, factOf(graph, input)])),
    outputs: graph.outputs,
    nodes: graph.nodes,
    constants: graph.constants,
  };
}

/** Shape of one image of a runtime value: its fact without the batch axis. */
export function imageShape(graph: Pick<Graph, 'facts'>, value: ValueId): Shape {
  return factOf(graph, value).shape.slice(1);
}
