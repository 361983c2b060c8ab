import { codingProblems } from '../../snn/network/coding.ts';
import { defineMove } from '../move.ts';
import { describeSetting, plainSetting, withScales } from '../setting.ts';

/** Steps at which each amplification factor is tried, and thresholds. */
const GRID = [
  { beta: 2, steps: [4, 5, 6, 7, 8, 10], thresholds: [1 / 2, 2 / 3] },
  { beta: 1.5, steps: [8, 10], thresholds: [1 / 2, 2 / 3] },
] as const;
const SILENT = [0, 1, 2];
/** Factors of all amplitudes: 2 leaves the last binary digit out. */
const FACTORS = [1, Math.SQRT2, 2];

/** T, beta, Ts, phi and a factor of all amplitudes, the same in every layer. */
export const constantSetting = defineMove({
  name: 'constant setting',
  summary: 'T, beta, Ts, phi and one factor of all amplitudes, the same in every layer',
  takes: 'one',
  changes: ({ setting, adjustable }) =>
    GRID.flatMap(({ beta, steps, thresholds }) =>
      steps.flatMap((T) =>
        SILENT.flatMap((Ts) =>
          thresholds.flatMap((phi) => {
            const coding = { ...setting.coding, T, beta, Ts, phi };
            if (codingProblems(coding).length > 0) return [];
            return (adjustable.size === 0 ? [1] : FACTORS).map((factor) => {
              const plain = plainSetting(coding, setting.percentile);
              const factors = factor === 1 ? [] : [...adjustable].map((layer) => [layer, factor] as const);
              const made = withScales(plain, new Map(factors));
              return { what: describeSetting(made), apply: () => made };
            });
          }),
        ),
      ),
    ),
});
