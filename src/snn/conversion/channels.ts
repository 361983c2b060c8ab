// Where the channels of an operand are the channels of the result: there an amplitude per channel can pass.
import { type LinearNode, opOf } from '../../graph/graph.ts';
import type { Shape } from '../../tensor/tensor.ts';

/** Whether axis 0 of an operand's image is axis 0 of the result's, none of them broadcast or part of a Concat. */
export function sameChannels(from: Shape, to: Shape): boolean {
  return from.length === to.length && from[0] === to[0];
}

/** Whether the node says that its first operand and its output have the same channels in the same order. */
export function keepsChannels(node: LinearNode, from: Shape, to: Shape): boolean {
  return opOf(node).keepsChannels?.(node.attributes, [[1, ...from]], [1, ...to]) ?? false;
}
