import { always, defineScalarNeuron } from './scalar-neuron.ts';

export const tsaSigmoid = defineScalarNeuron({
  name: 'tsa-sigmoid',
  summary: 'tracks 1 / (1 + exp(-x))',
  operators: ['Sigmoid'],
  monotone: always,
  f: (x) => 1 / (1 + Math.exp(-x)),
  emit: (emitter, x) => emitter.node('Sigmoid', [x]),
});
