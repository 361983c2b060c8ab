import { percentile } from '../../calibration/histogram.ts';
import { mseClip } from '../../calibration/mse-clip.ts';
import { kappa } from '../../encoders/kappa.ts';
import { defineMove } from '../move.ts';
import { withScales } from '../setting.ts';

/** Percentiles that a code may just reach; all are kept in every calibration. */
export const PERCENTILES = [99.9, 99.95, 99.99, 99.999, 100] as const;

/** Where codes end: one percentile for all layers, or in each where the mean squared error is least. */
export const amplitudeRule = defineMove({
  name: 'amplitude rule',
  summary: 'one percentile for all layers, or in each layer the clip of least mean squared error',
  takes: 'one',
  changes: ({ setting, adjustable, histograms }) => {
    if (adjustable.size === 0) return [];
    const levels = kappa(setting.coding.T, setting.coding.beta);
    const factors = [...adjustable].flatMap((layer) => {
      const histogram = histograms.get(layer)!;
      const now = setting.percentile === 100 ? histogram.max : percentile(histogram, setting.percentile);
      return now > 0 ? [[layer, mseClip(histogram, levels) / now] as const] : [];
    });
    return [
      ...PERCENTILES.filter((percent) => percent !== setting.percentile).map((percent) => ({
        what: `percentile ${percent}`,
        apply: (from: typeof setting) => ({ ...from, percentile: percent }),
      })),
      {
        what: 'least mean squared error',
        apply: (from: typeof setting) => withScales(from, new Map(factors)),
      },
    ];
  },
});
