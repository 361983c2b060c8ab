import { GELU_CUBIC, GELU_SCALE, geluTanhOf } from '../ops/gelu-tanh.ts';
import { defineScalarNeuron, never } from './scalar-neuron.ts';

export const tsaGeluTanh = defineScalarNeuron({
  name: 'tsa-gelu-tanh',
  summary: 'tracks x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the other form of GELU',
  operators: ['GeluTanh'],
  monotone: never,
  f: geluTanhOf,
  emit(emitter, x) {
    const square = emitter.node('Mul', [x, x]);
    const cubic = emitter.node('Mul', [square, emitter.scalar(GELU_SCALE * GELU_CUBIC)]);
    const slope = emitter.node('Add', [cubic, emitter.scalar(GELU_SCALE)]);
    const bent = emitter.node('Tanh', [emitter.node('Mul', [x, slope])]);
    const half = emitter.node('Mul', [x, emitter.scalar(0.5)]);
    return emitter.node('Mul', [half, emitter.node('Add', [bent, emitter.scalar(1)])]);
  },
});
