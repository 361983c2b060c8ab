import { defineNeuron } from './neuron.ts';

/** f(h) = h: the plain TSA neuron (CSS Eq. A19, A20), which carries signed values. */
export const tsaIdentity = defineNeuron({
  name: 'tsa-identity',
  summary: 'tracks h itself, signed: turns currents back into spikes',
  operators: [],
  parameters: [],
  monotone: () => true,
  exact: true,
  track(out, h) {
    if (out !== h) out.set(h);
  },
  emit: (_emitter, h) => h,
});
