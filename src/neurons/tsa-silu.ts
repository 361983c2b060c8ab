import { defineScalarNeuron, never } from './scalar-neuron.ts';

export const tsaSilu = defineScalarNeuron({
  name: 'tsa-silu',
  summary: 'tracks x / (1 + exp(-x)): SiLU, Swish',
  operators: ['Silu'],
  monotone: never,
  f: (x) => x / (1 + Math.exp(-x)),
  emit: (emitter, x) => emitter.node('Mul', [x, emitter.node('Sigmoid', [x])]),
});
