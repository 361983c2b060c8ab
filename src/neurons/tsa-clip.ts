import { defineNeuron, LEVEL_AT_BOTH_ENDS } from './neuron.ts';

/**
 * f(h) = min(max(h, low), high): ReLU6, and the range of a quantizer. The bounds are those of the value, brought to the
 * scale of h at every step: the code never leaves them, so a saturated neuron has nothing to take back. Bounds held
 * at the scale of the window's end let a neuron that has all of its input early run away (h = 1000 under a bound of
 * 127 with T = 8, Ts = 7 decodes to 253).
 */
export const tsaClip = defineNeuron({
  name: 'tsa-clip',
  summary: 'tracks h between two bounds: ReLU6, or the range of a quantizer',
  operators: ['Clip'],
  parameters: ['low', 'high'],
  monotone: () => true,
  exact: true,
  caution: ({ low: [low = 0] = [], high: [high = 0] = [] }) =>
    low < 0 && high > 0 ? LEVEL_AT_BOTH_ENDS : undefined,
  track(out, h, { low, high }, scale) {
    for (let i = 0; i < out.length; i++) {
      const bounded = low === undefined ? h[i]! : Math.max(h[i]!, low[i]! * scale);
      out[i] = high === undefined ? bounded : Math.min(bounded, high[i]! * scale);
    }
  },
  emit(emitter, h, { low, high }) {
    const bounded = low === undefined ? h : emitter.node('Max', [h, low]);
    return high === undefined ? bounded : emitter.node('Min', [bounded, high]);
  },
});
