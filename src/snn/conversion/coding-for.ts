// Which coding a model is converted with where the user does not say.
import { Ann2SnnError } from '../../errors.ts';
import { type Coding, type CodingOverrides, codingOf } from '../network/coding.ts';
import { plannedInputs, type SpikingPlan } from '../plan/planned.ts';
import { bitsOf, bitsOfGrid } from './quantized-amplitudes.ts';

/**
 * The coding of a planned network: `sws` for a quantized one and `css` for any other, unless named. T of `sws` is the
 * model's own bits, and an image of more bits enters without spikes.
 * @param overrides parameters that replace the preset's; a silent period of `exact` is T - 1
 * @throws Ann2SnnError `invalid-option` with every parameter out of range.
 */
export function codingFor(
  plan: SpikingPlan,
  name?: string,
  overrides: Omit<CodingOverrides, 'Ts'> & { readonly Ts?: number | 'exact' | undefined } = {},
): Coding {
  const bits = stepsFor(plan);
  const preset = name ?? (bits === null ? 'css' : 'sws');
  const T = overrides.T ?? (preset === 'sws' ? (bits ?? undefined) : undefined);
  // A wrong period is told together with whatever else is wrong.
  const given = codingOf(preset, { ...overrides, T, Ts: overrides.Ts === 'exact' ? 0 : (overrides.Ts ?? 0) });
  if (overrides.Ts === 'exact' && given.T > 1 && given.phi > HIGHEST_EXACT_PHI) throw neverExact(given.phi);
  const shortest = Math.min(codingOf(preset).Ts, given.T - 1);
  const Ts = overrides.Ts === 'exact' ? given.T - 1 : (overrides.Ts ?? shortest);
  const encoder = overrides.encoder ?? encoderFor(plan, preset, given.T);
  return codingOf(preset, { ...overrides, T, Ts, encoder });
}

/** Above it a neuron that stays silent at the last step but one is left more than its last spike, 1 + 1/2, can mend. */
const HIGHEST_EXACT_PHI = 3 / 4;

function neverExact(phi: number): Ann2SnnError {
  return new Ann2SnnError('invalid-option', {
    where: 'threshold (phi)',
    message: `expected at most ${HIGHEST_EXACT_PHI} with the silent period "exact", found ${phi}: codes are not exact above`,
  });
}

/** As many steps as the layers have bits. An image of one bit more is worth one step more: then it can spike as well. */
function stepsFor(plan: SpikingPlan): number | null {
  const layers = bitsOf(plan);
  const image = widestInput(plan);
  return layers !== null && image === layers + 1 ? layers + 1 : layers;
}

/** With fewer steps than the input's quantizer has bits, spikes would coarsen the image: it enters as it is then. */
function encoderFor(plan: SpikingPlan, preset: string, T: number): Coding['encoder'] | undefined {
  const image = widestInput(plan);
  return preset === 'sws' && image !== null && image > T ? 'analog' : undefined;
}

/** The most bits that an input's quantizer has; null where none has any. */
function widestInput(plan: SpikingPlan): number | null {
  const grids = plannedInputs(plan).flatMap(({ quantizer }) => quantizer ?? []);
  return grids.length === 0 ? null : Math.max(...grids.map(bitsOfGrid));
}
