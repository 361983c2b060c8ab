import { defineEncoder } from './encoder.ts';

/** Direct coding: the first weights meet the image itself, once; their products count as MACs, not as accumulates. */
export const analog = defineEncoder({
  name: 'analog',
  summary: 'the image itself enters at the first step (direct coding); exact at any T, its products are MACs',
  spikes: false,
});
