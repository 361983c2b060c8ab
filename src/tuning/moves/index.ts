// The moves, in the order in which they are made: what shortens latency has the first choice of the loss that is allowed, since
// the amplitudes behind it would spend all of it. Those that take many changes are repeated in finer steps.
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
  silentPeriods,
  layerAmplitudes,
  residualAdjustment,
  biasCorrection,
] as const satisfies readonly Move[];
