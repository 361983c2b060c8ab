import { softplusOf } from '../ops/softplus.ts';
import { always, defineScalarNeuron } from './scalar-neuron.ts';

export const tsaSoftplus = defineScalarNeuron({
  name: 'tsa-softplus',
  summary: 'tracks log(1 + exp(x))',
  operators: ['Softplus'],
  monotone: always,
  f: softplusOf,
  emit: (emitter, x) => emitter.node('Softplus', [x]),
});
