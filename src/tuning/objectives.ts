// What tuning can minimise.
import type { Figures } from './trials.ts';

export interface Objective<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /**
   * What is minimised, above 0.
   * @param reference figures of the network that the search started from
   */
  cost(figures: Figures, reference: Figures): number;
}

/** Keeps the literal name. */
function defineObjective<const Name extends string>(objective: Objective<Name>): Objective<Name> {
  return objective;
}

/**
 * What as many steps as the search started with are worth, as a share of energy or spikes: nobody waits half as long again for
 * two per cent of either.
 */
const PRICE_OF_LATENCY = 0.05;

function priced(cost: number, { latency }: Figures, reference: Figures): number {
  return cost * (1 + (PRICE_OF_LATENCY * latency) / reference.latency);
}

export const objectives = [
  defineObjective({
    name: 'energy',
    summary: 'energy of accumulates and products',
    cost: (figures, reference) => priced(figures.energyMj, figures, reference),
  }),
  defineObjective({
    name: 'latency',
    summary: 'steps to the answer; of equals the less energy',
    // A step is worth as much as all of the energy that the search started from.
    cost: ({ latency, energyMj }, reference) => latency + energyMj / reference.energyMj,
  }),
  defineObjective({
    name: 'spikes',
    summary: 'spikes of all neurons',
    cost: (figures, reference) => priced(figures.spikes, figures, reference),
  }),
] as const satisfies readonly Objective[];

export type ObjectiveName = (typeof objectives)[number]['name'];
