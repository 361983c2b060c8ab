import { defineMove } from '../move.ts';
import { withScales } from '../setting.ts';

/** Coarser steps where a layer tolerates them, which costs fewer spikes, and finer ones where it does not. */
export const layerAmplitudes = defineMove({
  name: 'layer amplitudes',
  summary: 'larger amplitudes in layers that tolerate it, smaller ones in layers that do not',
  takes: 'many',
  changes: ({ adjustable, round }) => {
    const step = 2 ** (1 / round);
    return [...adjustable].flatMap((layer) =>
      [step, 1 / step].map((factor) => ({
        what: `${layer} x ${Number(factor.toPrecision(3))}`,
        layer,
        apply: (setting) => withScales(setting, new Map([[layer, factor]])),
      })),
    );
  },
});
