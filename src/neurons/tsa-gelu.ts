import { erfOf } from '../ops/erf.ts';
import { defineScalarNeuron, never } from './scalar-neuron.ts';

export const tsaGelu = defineScalarNeuron({
  name: 'tsa-gelu',
  summary: 'tracks x/2 (1 + erf(x / sqrt(2)))',
  operators: ['Gelu'],
  monotone: never,
  f: (x) => 0.5 * x * (1 + erfOf(x * Math.SQRT1_2)),
  emit(emitter, x) {
    const erf = emitter.node('Erf', [emitter.node('Mul', [x, emitter.scalar(Math.SQRT1_2)])]);
    const half = emitter.node('Mul', [x, emitter.scalar(0.5)]);
    return emitter.node('Mul', [half, emitter.node('Add', [erf, emitter.scalar(1)])]);
  },
});
