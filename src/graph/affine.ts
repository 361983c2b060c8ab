// Scales and shifts per channel: what chains of Mul and Add by constants come down to, BatchNormalization among them.
import type { Shape, Tensor } from '../tensor/tensor.ts';
import { factOf, type Graph, type Node, type ValueId } from './graph.ts';

/** y = scale[c] * x + shift[c], c the channel (axis 1). */
export interface ChannelAffine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** y = x. */
export function identityAffine(channels: number): ChannelAffine {
  return { scale: new Array<number>(channels).fill(1), shift: new Array<number>(channels).fill(0) };
}

/** The affine map with a Mul or Add by a constant per channel behind it. */
function followedBy(
  { scale, shift }: ChannelAffine,
  op: 'Mul' | 'Add',
  constant: (channel: number) => number,
): ChannelAffine {
  if (op === 'Add') return { scale, shift: shift.map((value, c) => value + constant(c)) };
  return {
    scale: scale.map((value, c) => value * constant(c)),
    shift: shift.map((value, c) => value * constant(c)),
  };
}

/** The constant that `node` multiplies `value` by or adds to it, or undefined. */
export function constantOf(graph: Graph, node: Node, value: ValueId): Tensor | undefined {
  if ((node.op !== 'Mul' && node.op !== 'Add') || node.inputs[0] !== value) return undefined;
  return graph.constants.get(node.inputs[1]!);
}

/** The affine map with `node` behind it, or undefined where that is no scale or shift per channel of `value`. */
export function extended(
  affine: ChannelAffine,
  graph: Graph,
  node: Node,
  value: ValueId,
): ChannelAffine | undefined {
  const constant = constantOf(graph, node, value);
  const channel = constant && perChannel(constant, factOf(graph, value).shape);
  return channel && followedBy(affine, node.op as 'Mul' | 'Add', channel);
}

/** The constant as one number per channel (axis 1 of `shape`), or undefined when it varies elsewhere or widens. */
function perChannel(constant: Tensor, shape: Shape): ((channel: number) => number) | undefined {
  const { data } = constant;
  if (constant.shape.length > shape.length) return undefined;
  if (data.length === 1) return () => data[0]!;
  const axis = 1 - (shape.length - constant.shape.length);
  const onlyChannels = constant.shape.every((dim, i) => dim === 1 || (i === axis && dim === shape[1]));
  return onlyChannels ? (channel) => data[channel]! : undefined;
}
