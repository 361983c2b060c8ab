import { defineBoundedNeuron } from './bounds.ts';
import { LEVEL_AT_BOTH_ENDS } from './neuron.ts';
import { tsaIdentity } from './tsa-identity.ts';

/** f(h) = min(max(h, low), high): ReLU6, and the range of a quantizer. */
export const tsaClip = defineBoundedNeuron({
  ...tsaIdentity,
  name: 'tsa-clip',
  summary: 'tracks h between two bounds: ReLU6, or the range of a quantizer',
  operators: ['Clip'],
  caution: ({ low: [low = 0] = [], high: [high = 0] = [] }) =>
    low < 0 && high > 0 ? LEVEL_AT_BOTH_ENDS : undefined,
});
