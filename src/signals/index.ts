// The list of encoders of signals.
import { byName } from '../registry.ts';
import { bensSpiker } from './bens-spiker.ts';
import { binPopulation } from './bin-population.ts';
import { leakyIntegrateAndFire } from './leaky-integrate-and-fire.ts';
import { observation } from './observation.ts';
import { pulseWidthModulation } from './pulse-width-modulation.ts';
import type { SignalEncoder } from './signal-encoder.ts';
import { stepForward } from './step-forward.ts';

export const signalEncoders = [
  leakyIntegrateAndFire,
  stepForward,
  pulseWidthModulation,
  bensSpiker,
  binPopulation,
  observation,
] as const satisfies readonly SignalEncoder[];

export type SignalEncoderName = (typeof signalEncoders)[number]['name'];

/** The encoder of that name. Throws `unknown-name`. */
export function signalEncoderNamed(name: string): SignalEncoder<SignalEncoderName> {
  return byName<SignalEncoder<SignalEncoderName>>('signal encoder', signalEncoders, name);
}
