import { defineMove } from '../move.ts';
import { withLayer } from '../setting.ts';

const TRIED = [1 / 2, 0.6, 2 / 3, 0.72];

/** phi of each layer: the next lower and the next higher of a few. */
export const thresholds = defineMove({
  name: 'thresholds',
  summary: 'phi of each layer',
  takes: 'many',
  changes: ({ layers }) =>
    layers.flatMap(({ name, phi: now }) =>
      [TRIED.filter((phi) => phi < now).at(-1), TRIED.find((phi) => phi > now)]
        .filter((phi) => phi !== undefined)
        .map((phi) => ({
          what: `${name} phi ${Number(phi.toPrecision(3))}`,
          layer: name,
          apply: (setting) => withLayer(setting, name, { phi }),
        })),
    ),
});
