import { defineEncoder } from './encoder.ts';
import { kappa } from './kappa.ts';

/**
 * Integrate and fire: a constant current, and a remainder that does not grow, so that spikes come evenly at the rate of the
 * value. The network reads a spike at step t as beta^(T-t) all the same, whence the error.
 */
export const rate = defineEncoder({
  name: 'rate',
  summary: 'the value divided by K flows in at every step, and spikes tell its rate; largest error',
  spikes: true,
  drive: (T, beta) => ({ initial: 0, current: 1 / kappa(T, beta), growth: 1 }),
});
