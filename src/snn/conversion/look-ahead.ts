// What neurons of an integer network can know of input that has not arrived yet (docs/science.md, section 11). Neither way
// changes what a neuron knows once its input is complete, so whole silent periods stay exact; shorter ones err less.
import type { Coding } from '../network/coding.ts';
import type { NeuronNode } from '../network/network.ts';

/**
 * Shares of the latest currents that later ones take back, the latest first. A neuron that has fired at a threshold of 1/2
 * has mostly fired too much: what it still has to say has the other sign. Of independent bits the best linear forecast from m
 * currents takes off m/(m+1), ..., 1/(m+1) of a half of each; neurons that correct themselves are less regular, and those that
 * write whole numbers are more so in their last steps. These are what regression finds in between, in binary fractions.
 */
const FORECAST: readonly number[] = [3 / 8, 1 / 8];

/** Bits behind the binary point that a forecast has. */
export const FORECAST_BITS = 3;

/** The forecast of a layer: behind a higher threshold what is left after a spike has either sign, and there is none. */
export function forecastFor({ phi }: Coding): Pick<NeuronNode, 'forecast'> {
  return phi === 1 / 2 ? { forecast: FORECAST } : {};
}

/**
 * Steps by which a source may run ahead of a layer's window: as early as it comes, but no earlier than tells something new.
 * @param waits how long it would wait for the window to open
 */
export function aheadSteps(waits: number, Ts: number, T: number): number {
  return Math.min(waits, Math.max(0, T - 1 - Ts));
}
