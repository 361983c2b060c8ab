import { defineMove } from '../move.ts';
import { withLayer } from '../setting.ts';

/** A step less of latency where a layer needs no silence, a step more where early spikes are taken back later. */
export const silentPeriods = defineMove({
  name: 'silent periods',
  summary: 'a step of silence less or more, layer by layer',
  takes: 'many',
  changes: ({ layers, network }) =>
    layers.flatMap(({ name, Ts }) =>
      [Ts - 1, Ts + 1]
        .filter((other) => other >= 0 && other < network.coding.T)
        .map((other) => ({
          what: `${name} Ts ${other}`,
          layer: name,
          apply: (setting) => withLayer(setting, name, { Ts: other }),
        })),
    ),
});
