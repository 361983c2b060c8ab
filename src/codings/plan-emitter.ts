// The linear nodes of a plan as ONNX nodes, on the ANN's own weights: with their biases, or as the linear map alone that
// spikes go through.
import { type LinearNode, opOf, type ValueId } from '../graph/graph.ts';
import { type Unit, unitRatio } from '../ops/unit.ts';
import type { GraphBuilder } from '../snn/onnx/builder.ts';
import type { PlannedEncoder, PlannedLinear, SpikingPlan } from '../snn/plan/planned.ts';
import type { Shape } from '../tensor/tensor.ts';

/** What is added is divided by K (ops/op.ts): with an endless window nothing is left of it. */
const NO_BIAS = { from: 1, to: 1, K: Number.POSITIVE_INFINITY } as const;

/** The running values that a linear node reads. */
export function runningInputs({ graph }: Pick<SpikingPlan, 'graph'>, node: LinearNode): readonly ValueId[] {
  return node.inputs.filter((input) => !graph.constants.has(input));
}

/**
 * Adds a linear node to a graph.
 * @param naming the graph's names of running values
 * @param bias whether what the node adds of its own is added
 */
export function emitLinear(
  b: GraphBuilder,
  { graph }: Pick<SpikingPlan, 'graph'>,
  { node, shape }: PlannedLinear,
  naming: (value: ValueId) => string,
  bias: boolean,
): void {
  const ids = node.inputs.filter((input) => graph.constants.has(input));
  const own = ids.map((id) => graph.constants.get(id)!);
  const constants = bias ? own : (opOf(node).rescale?.(node.attributes, own, NO_BIAS, shape) ?? own);
  const mark = bias ? '' : ' without bias';
  const inputs = [
    ...node.inputs.filter((input) => !graph.constants.has(input)).map(naming),
    ...constants.map((value, i) => b.constant(`coding:${ids[i]!} of ${node.name}${mark}`, value)),
  ];
  const { attributes, parameters = [] } = opOf(node).encode(node.attributes);
  const trailing = parameters.map((value, i) => b.constant(`coding:${node.name}/${i}${mark}`, value));
  b.node(node.op, [...inputs, ...trailing], attributes, [naming(node.outputs[0]!)]);
}

/** Adds the image that an input of the network enters as: rounded to the grid of its quantizer where it has one. */
export function emitImage(
  b: GraphBuilder,
  image: string,
  { quantizer }: Pick<PlannedEncoder, 'quantizer'>,
  output: string,
): void {
  if (quantizer === undefined) {
    b.node('Identity', [image], {}, [output]);
    return;
  }
  const { scale, low, high } = quantizer;
  const factor = b.scalar(scale[0]!);
  const rounded = b.node('Round', [b.node('Div', [image, factor])]);
  b.node('Mul', [b.node('Clip', [rounded, b.scalar(low), b.scalar(high)]), factor], {}, [output]);
}

/** theta as a constant that is broadcast over a layer: a scalar, or [C, 1, ..., 1]. */
export function thetaConstant(b: GraphBuilder, layer: string, theta: Unit, shape: Shape): string {
  return b.constant(`coding:${layer}/theta`, unitRatio(theta, 1, shape));
}
