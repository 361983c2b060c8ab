// What kind of node a canonical one is to the planner.
import type {
  ActivationNode,
  CanonicalGraph,
  CanonicalNode,
  HeadNode,
  QuantizerNode,
} from '../../graph/graph.ts';
import { opOf } from '../../graph/graph.ts';

export function isHead(node: CanonicalNode): node is HeadNode {
  return opOf(node).role === 'head';
}

export function isActivation(node: CanonicalNode): node is ActivationNode {
  return opOf(node).role === 'activation';
}

export function isQuantizer(node: CanonicalNode): node is QuantizerNode {
  return opOf(node).role === 'quantizer';
}

/** Whether it multiplies two running values element by element: a gate, as squeeze-and-excitation has one. */
export function isProduct(graph: CanonicalGraph, node: CanonicalNode): boolean {
  return node.op === 'Mul' && node.inputs.every((input) => !graph.constants.has(input));
}
