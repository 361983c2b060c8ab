// The function that a layer of neurons is to carry: that of its activation, in the ANN's units. What remains of it in units
// of theta, and within the code, is known when amplitudes are (conversion/tracked-function.ts).
import { type ActivationNode, opOf, type QuantizerNode } from '../../graph/graph.ts';
import { type NeuronName, neuronNamed, neurons } from '../../neurons/index.ts';
import type { ParameterValues } from '../../ops/op.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { isQuantizer } from './kinds.ts';

export interface PlannedFunction {
  readonly neuron: NeuronName;
  /** One number, one for each channel, or one for each neuron, in the ANN's units. A quantizer's range is its own. */
  readonly parameters: ParameterValues;
}

/** f(x) = x: what tensors are carried by that are turned back into spikes. */
export const PLAIN: PlannedFunction = { neuron: 'tsa-identity', parameters: {} };

/**
 * The function of an activation or a quantizer: there is a neuron for every activation that stays in a graph. A quantizer
 * alone is a ReLU where it cannot go below 0, and a clip otherwise.
 * @param image shape of the node's output for one image
 */
export function functionOf(node: ActivationNode | QuantizerNode | undefined, image: Shape): PlannedFunction {
  if (node === undefined) return PLAIN;
  if (isQuantizer(node)) {
    return { neuron: node.attributes.low === 0 ? 'tsa-relu' : 'tsa-clip', parameters: {} };
  }
  const { name } = neurons.find(({ operators }) => (operators as readonly string[]).includes(node.op))!;
  return { neuron: name, parameters: opOf(node).parameters?.(node.attributes, image) ?? {} };
}

/**
 * Whether a max-pool behind the function may be taken in front of it: it never decreases, and it is the same function for
 * all neurons of a channel.
 */
export function letsMaximumPass({ neuron, parameters }: PlannedFunction, image: Shape): boolean {
  const perNeuron = Object.values(parameters).some((values) => values.length > image[0]!);
  return !perNeuron && neuronNamed(neuron).monotone(parameters);
}
