// What happens to membranes within one step, as ONNX nodes: currents arrive, sources are summed, f is applied, a spike is
// decided.
import { neuronNamed } from '../../neurons/index.ts';
import { atScale, type ParameterName } from '../../neurons/neuron.ts';
import { elementCode } from '../../onnx/element-types.ts';
import { intAttribute as int } from '../../ops/attributes.ts';
import { opNamed } from '../../ops/index.ts';
import { castTensor, type DType, type Shape, tensor } from '../../tensor/tensor.ts';
import { membraneType, type Network, type NeuronNode, type ReadoutNode } from '../network/network.ts';
import { channelsFirst } from '../network/population.ts';
import type { GraphBuilder } from './builder.ts';

/** The ternary decision on o by the step's factor c (rounding.ts); without negative spikes 0 or 1. */
export function decide(b: GraphBuilder, o: string, negativeSpikes = true): string {
  const lowest = b.scalar(negativeSpikes ? -1 : 0);
  return b.node('Round', [b.node('Clip', [b.node('Mul', [o, 'c']), lowest, b.scalar(1)])]);
}

/** The value in another type; itself where it has that type. */
export function castTo(b: GraphBuilder, value: string, from: DType, to: DType): string {
  return from === to ? value : b.node('Cast', [value], { to: int(elementCode(to)) });
}

/**
 * sum over k of scale_k h_k + bias * share, in this order; in a float32 network h itself, or the product of two: H = h
 * beta^-t at every step, so that of the value is H_1 H_2 beta^T.
 * @param share name of the share of the bias that has flowed in
 */
export function membraneSum(
  b: GraphBuilder,
  network: Network,
  node: NeuronNode | ReadoutNode,
  h: readonly string[],
  share = 'share',
): string {
  if (network.arithmetic === 'float32') {
    if (node.kind !== 'neuron' || node.product !== true) return h[0]!;
    const { T, beta } = network.coding;
    return b.node('Mul', [b.node('Mul', [h[0]!, h[1]!]), b.scalar(beta ** T)]);
  }
  const shape = node.kind === 'neuron' ? node.potentialShape : node.shape;
  const constant = (name: string) => broadcastConstant(b, network, name, shape);
  const terms = node.sources.map(({ scale }, k) => b.node('Mul', [h[k]!, constant(scale!)]));
  if (node.bias !== undefined) terms.push(b.node('Mul', [constant(node.bias), share]));
  return terms.reduce((sum, term) => b.node('Add', [sum, term]));
}

/**
 * f of the summed potential: pooled, and scaled and shifted per channel, where the network says so.
 * @param at what a shift is multiplied by, and the scale of H to the value: H, the potential times beta^-t, is the value times
 * beta^-T at every step
 */
export function trackedPotential(
  b: GraphBuilder,
  network: Network,
  node: NeuronNode,
  potential: string,
  { prefix, scale }: { readonly prefix: string; readonly scale: number },
): string {
  const dtype = membraneType(network);
  const constant = (name: string) => broadcastConstant(b, network, name, node.shape, dtype);
  const parameter = (role: ParameterName, name: string) => {
    const { shape, data } = network.constants.get(name)!;
    const scaled = Array.from(data, (value) => atScale(role, value, scale));
    return b.constant(`${name} at H`, tensor(dtype, channelsFirst(shape, node.shape), scaled));
  };
  let value = potential;
  if (node.pool !== undefined) {
    value = b.node('MaxPool', [value], opNamed('MaxPool')!.encode(node.pool).attributes);
  }
  if (node.affine !== undefined) {
    const scaled = b.node('Mul', [value, constant(node.affine.scale)]);
    value = b.node('Add', [scaled, b.node('Mul', [constant(node.affine.shift), prefix])]);
  }
  const parameters = Object.entries(node.parameters ?? {}) as [ParameterName, string][];
  return neuronNamed(node.neuron).emit(
    b,
    value,
    Object.fromEntries(parameters.map(([role, name]) => [role, parameter(role, name)])),
  );
}

/** A constant of the network, in a shape that is broadcast over a batch of images of `shape`. */
function broadcastConstant(
  b: GraphBuilder,
  network: Network,
  name: string,
  shape: Shape,
  dtype: DType = 'float64',
): string {
  const constant = castTensor(network.constants.get(name)!, dtype);
  return b.constant(name, { ...constant, shape: channelsFirst(constant.shape, shape) });
}
