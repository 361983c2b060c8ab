import { defineBoundedNeuron } from './bounds.ts';

/** f(h) = h where h > 0, slope h elsewhere: LeakyReLU, and PReLU with a slope for each channel or neuron. */
export const tsaLeakyRelu = defineBoundedNeuron({
  name: 'tsa-leaky-relu',
  summary: 'tracks h where it is positive and slope h elsewhere: LeakyReLU, PReLU',
  operators: ['LeakyRelu', 'PRelu'],
  parameters: ['slope'],
  monotone: ({ slope }) => slope!.every((value) => value >= 0),
  exact: false,
  track(out, h, { slope }) {
    for (let i = 0; i < out.length; i++) out[i] = h[i]! < 0 ? h[i]! * slope![i]! : h[i]!;
  },
  emit(emitter, h, { slope }) {
    const negative = emitter.node('Mul', [emitter.node('Min', [h, emitter.scalar(0)]), slope!]);
    return emitter.node('Add', [emitter.node('Relu', [h]), negative]);
  },
});
