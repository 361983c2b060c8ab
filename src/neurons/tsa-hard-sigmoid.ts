import { defineScalarNeuron } from './scalar-neuron.ts';

export const tsaHardSigmoid = defineScalarNeuron({
  name: 'tsa-hard-sigmoid',
  summary: 'tracks min(max(slope x + offset, 0), 1)',
  operators: ['HardSigmoid'],
  parameters: ['slope', 'offset'],
  monotone: ({ slope }) => slope!.every((value) => value >= 0),
  f: (x, { slope, offset }, i) => Math.min(Math.max(slope![i]! * x + offset![i]!, 0), 1),
  emit(emitter, x, { slope, offset }) {
    const line = emitter.node('Add', [emitter.node('Mul', [x, slope!]), offset!]);
    return emitter.node('Clip', [line, emitter.scalar(0), emitter.scalar(1)]);
  },
});
