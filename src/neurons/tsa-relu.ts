import { defineNeuron } from './neuron.ts';

/** f(h) = max(h, 0): the TSA-ReLU neuron of CSS, Appendix A.7. */
export const tsaRelu = defineNeuron({
  name: 'tsa-relu',
  summary: 'tracks max(h, 0); negative spikes only correct earlier positive ones',
  operators: ['Relu'],
  parameters: [],
  monotone: () => true,
  exact: true,
  track(out, h) {
    for (let i = 0; i < out.length; i++) out[i] = Math.max(h[i]!, 0);
  },
  emit: (emitter, h) => emitter.node('Relu', [h]),
});
