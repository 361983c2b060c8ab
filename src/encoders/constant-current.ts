import { defineEncoder } from './encoder.ts';
import { kappa } from './kappa.ts';

/** A constant current a/K in each of the T steps (SWS Eq. 9). */
export const constantCurrent = defineEncoder({
  name: 'constant-current',
  summary: 'the value divided by K flows in at every step (SWS Eq. 9)',
  spikes: true,
  drive: (T, beta) => ({ initial: 0, current: 1 / kappa(T, beta), growth: beta }),
});
