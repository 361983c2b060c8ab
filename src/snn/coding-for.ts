// Which coding a model is converted with where the user does not say.
import { type Coding, type CodingOverrides, codingOf } from './coding.ts';
import type { SpikingPlan } from './plan.ts';
import { bitsOf } from './quantized-amplitudes.ts';

/**
 * The coding of a planned network: `sws` for a quantized one and `css` for any other, unless named. T of `sws` is the model's own bits.
 * @param overrides parameters that replace the preset's; a silent period of `exact` is T - 1
 */
export function codingFor(
  plan: SpikingPlan,
  name?: string,
  overrides: Omit<CodingOverrides, 'Ts'> & { readonly Ts?: number | 'exact' | undefined } = {},
): Coding {
  const bits = bitsOf(plan);
  const preset = name ?? (bits === null ? 'css' : 'sws');
  const T = overrides.T ?? (preset === 'sws' ? (bits ?? undefined) : undefined);
  // A wrong period is told together with whatever else is wrong.
  const given = codingOf(preset, { ...overrides, T, Ts: overrides.Ts === 'exact' ? 0 : (overrides.Ts ?? 0) });
  const shortest = Math.min(codingOf(preset).Ts, given.T - 1);
  const Ts = overrides.Ts === 'exact' ? given.T - 1 : (overrides.Ts ?? shortest);
  return codingOf(preset, { ...overrides, T, Ts });
}
