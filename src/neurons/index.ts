// The list of neurons.
import { byName } from '../registry.ts';
import type { Neuron } from './neuron.ts';
import { tsaClip } from './tsa-clip.ts';
import { tsaElu } from './tsa-elu.ts';
import { tsaGelu } from './tsa-gelu.ts';
import { tsaGeluTanh } from './tsa-gelu-tanh.ts';
import { tsaHardSigmoid } from './tsa-hard-sigmoid.ts';
import { tsaHardSwish } from './tsa-hard-swish.ts';
import { tsaIdentity } from './tsa-identity.ts';
import { tsaLeakyRelu } from './tsa-leaky-relu.ts';
import { tsaMish } from './tsa-mish.ts';
import { tsaRelu } from './tsa-relu.ts';
import { tsaSigmoid } from './tsa-sigmoid.ts';
import { tsaSilu } from './tsa-silu.ts';
import { tsaSoftplus } from './tsa-softplus.ts';
import { tsaSoftsign } from './tsa-softsign.ts';
import { tsaTanh } from './tsa-tanh.ts';

export const neurons = [
  tsaRelu,
  tsaClip,
  tsaIdentity,
  tsaLeakyRelu,
  tsaElu,
  tsaSilu,
  tsaHardSwish,
  tsaGelu,
  tsaGeluTanh,
  tsaMish,
  tsaSoftplus,
  tsaSigmoid,
  tsaHardSigmoid,
  tsaTanh,
  tsaSoftsign,
] as const satisfies readonly Neuron[];

export type NeuronName = (typeof neurons)[number]['name'];

/** The neuron of that name. Throws `unknown-name`. */
export function neuronNamed(name: string): Neuron<NeuronName> {
  return byName<Neuron<NeuronName>>('neuron', neurons, name);
}
