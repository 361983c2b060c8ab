import { LEVEL_AT_BOTH_ENDS } from './neuron.ts';
import { always, defineScalarNeuron } from './scalar-neuron.ts';

export const tsaTanh = defineScalarNeuron({
  name: 'tsa-tanh',
  summary: 'tracks tanh(x)',
  operators: ['Tanh'],
  monotone: always,
  caution: () => LEVEL_AT_BOTH_ENDS,
  f: (x) => Math.tanh(x),
  emit: (emitter, x) => emitter.node('Tanh', [x]),
});
