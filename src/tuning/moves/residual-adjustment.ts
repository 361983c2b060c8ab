import { adjustAmplitudes } from '../adjust-amplitudes.ts';
import { defineMove } from '../move.ts';
import { withScales } from '../setting.ts';

const ROUNDS = 2;
const IMAGES = 32;

/** CSS appendix A.3, Eq. A18: larger amplitudes where membranes keep more than a spike (adjust-amplitudes.ts). */
export const residualAdjustment = defineMove({
  name: 'residual adjustment',
  summary: 'larger amplitudes where membranes keep more than a spike (CSS A.3)',
  takes: 'one',
  changes: async ({ setting, adjustable, build, calibration, engine, spend }) => {
    if (adjustable.size === 0) return [];
    const images = Math.min(IMAGES, calibration.count);
    spend((ROUNDS + 1) * images);
    const { scales } = await adjustAmplitudes((found) => build(withScales(setting, found)), calibration, {
      engine,
      rounds: ROUNDS,
      adjustable,
      images,
    });
    if (scales.size === 0) return [];
    return [{ what: `${scales.size} layers`, apply: (from) => withScales(from, scales) }];
  },
});
