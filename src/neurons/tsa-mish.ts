import { softplusOf } from '../ops/softplus.ts';
import { defineScalarNeuron, never } from './scalar-neuron.ts';

export const tsaMish = defineScalarNeuron({
  name: 'tsa-mish',
  summary: 'tracks x tanh(log(1 + exp(x)))',
  operators: ['Mish'],
  monotone: never,
  f: (x) => x * Math.tanh(softplusOf(x)),
  emit: (emitter, x) => emitter.node('Mul', [x, emitter.node('Tanh', [emitter.node('Softplus', [x])])]),
});
