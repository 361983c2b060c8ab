import { defineScalarNeuron, never } from './scalar-neuron.ts';

export const tsaHardSwish = defineScalarNeuron({
  name: 'tsa-hard-swish',
  summary: 'tracks x min(max(x / 6 + 1/2, 0), 1)',
  operators: ['HardSwish'],
  monotone: never,
  f: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  emit: (emitter, x) => emitter.node('HardSwish', [x]),
});
