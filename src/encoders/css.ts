import { defineEncoder } from './encoder.ts';

/** The whole value once, before the first step: u[0] = a / beta^T (CSS Theorem 3). */
export const css = defineEncoder({
  name: 'css',
  summary: 'the membrane starts at the value and amplifies it (CSS Theorem 3); smallest error',
  spikes: true,
  drive: (T, beta) => ({ initial: beta ** -T, current: 0, growth: beta }),
});
