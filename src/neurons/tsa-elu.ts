import { defineScalarNeuron } from './scalar-neuron.ts';

/** f(x) = gain x where x > 0, gain alpha (exp(x / width) - 1) elsewhere: ELU, SELU (with a gain), CELU (with a width). */
export const tsaElu = defineScalarNeuron({
  name: 'tsa-elu',
  summary: 'tracks gain x where it is positive, gain alpha (exp(x / width) - 1) elsewhere: ELU, SELU, CELU',
  operators: ['Elu', 'Selu', 'Celu'],
  parameters: ['gain', 'alpha', 'width'],
  monotone: ({ gain, alpha, width }) => gain![0]! >= 0 && alpha![0]! / width![0]! >= 0,
  f: (x, { gain, alpha, width }, i) => gain![i]! * (x > 0 ? x : alpha![i]! * Math.expm1(x / width![i]!)),
  emit(emitter, x, { gain, alpha, width }) {
    const negative = emitter.node('Min', [x, emitter.scalar(0)]);
    const bent = emitter.node('Elu', [emitter.node('Div', [negative, width!])]);
    const sum = emitter.node('Add', [emitter.node('Relu', [x]), emitter.node('Mul', [bent, alpha!])]);
    return emitter.node('Mul', [sum, gain!]);
  },
});
