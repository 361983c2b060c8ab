import { defineNeuron } from './neuron.ts';

/** f(h) = h where h > 0, slope h elsewhere: LeakyReLU, and PReLU with a slope for each channel or neuron. */
export const tsaLeakyRelu = defineNeuron({
  name: 'tsa-leaky-relu',
  summary: 'tracks h where it is positive and slope h elsewhere: LeakyReLU, PReLU',
  operators: ['LeakyRelu', 'PRelu'],
  parameters: ['slope', 'low', 'high'],
  monotone: ({ slope }) => slope!.every((value) => value >= 0),
  exact: false,
  track(out, h, { slope, low, high }, scale) {
    for (let i = 0; i < out.length; i++) {
      const value = h[i]! < 0 ? h[i]! * slope![i]! : h[i]!;
      const bounded = low === undefined ? value : Math.max(value, low[i]! * scale);
      out[i] = high === undefined ? bounded : Math.min(bounded, high[i]! * scale);
    }
  },
  emit(emitter, h, { slope, low, high }) {
    const negative = emitter.node('Mul', [emitter.node('Min', [h, emitter.scalar(0)]), slope!]);
    const value = emitter.node('Add', [emitter.node('Relu', [h]), negative]);
    const bounded = low === undefined ? value : emitter.node('Max', [value, low]);
    return high === undefined ? bounded : emitter.node('Min', [bounded, high]);
  },
});
