// The moves, in the order in which they are made. Those that take many changes are repeated in finer steps.
import type { Move } from '../move.ts';
import { amplitudeRule } from './amplitude-rule.ts';
import { biasCorrection } from './bias-correction.ts';
import { channelAmplitudes } from './channel-amplitudes.ts';
import { constantSetting } from './constant-setting.ts';
import { layerAmplitudes } from './layer-amplitudes.ts';
import { residualAdjustment } from './residual-adjustment.ts';
import { silentPeriods } from './silent-periods.ts';

export const moves = [
  constantSetting,
  amplitudeRule,
  channelAmplitudes,
  layerAmplitudes,
  silentPeriods,
  residualAdjustment,
  biasCorrection,
] as const satisfies readonly Move[];
