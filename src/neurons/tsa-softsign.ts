import { LEVEL_AT_BOTH_ENDS } from './neuron.ts';
import { always, defineScalarNeuron } from './scalar-neuron.ts';

export const tsaSoftsign = defineScalarNeuron({
  name: 'tsa-softsign',
  summary: 'tracks x / (1 + |x|)',
  operators: ['Softsign'],
  monotone: always,
  caution: () => LEVEL_AT_BOTH_ENDS,
  f: (x) => x / (1 + Math.abs(x)),
  emit: (emitter, x) => emitter.node('Softsign', [x]),
});
