// The list of neurons.
import { byName } from '../registry.ts';
import type { Neuron } from './neuron.ts';
import { tsaClip } from './tsa-clip.ts';
import { tsaIdentity } from './tsa-identity.ts';
import { tsaRelu } from './tsa-relu.ts';

export const neurons = [tsaRelu, tsaClip, tsaIdentity] as const satisfies readonly Neuron[];

export type NeuronName = (typeof neurons)[number]['name'];

/** The neuron of that name. Throws `unknown-name`. */
export function neuronNamed(name: string): Neuron<NeuronName> {
  return byName<Neuron<NeuronName>>('neuron', neurons, name);
}
