// What the papers take away from the neuron, and what they lengthen instead.

import type { LayerOverrides } from '../snn/conversion/check-conversion.ts';
import type { Coding } from '../snn/network/coding.ts';
import { type Network, type NeuronNode, neuronLayers } from '../snn/network/network.ts';

/** What a variant changes in every layer, besides Ts and phi of its coding. */
export type NeuronChange = Pick<LayerOverrides, 'lastPhi' | 'negativeSpikes'>;

/** One network of an ablation. */
export interface Variant {
  /** Short and stable, for files and scripts. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  /** The paper's figure that it stands in; null for the network itself. */
  readonly source: string | null;
  readonly coding: Coding;
  readonly change: NeuronChange;
}

/** The threshold at theta, at the last step as at every other. */
const AT_THETA = { phi: 1, lastPhi: 1 } as const;
const UNSIGNED = { negativeSpikes: false } as const;

/**
 * The variants of a coding, itself first.
 * @param longest the longest silent period that is tried
 */
export function variantsOf(coding: Coding, longest: number): Variant[] {
  const variant = (
    name: string,
    label: string,
    source: string | null,
    { Ts = coding.Ts, phi = coding.phi, ...change }: Partial<Pick<Coding, 'Ts' | 'phi'>> & NeuronChange,
  ): Variant => ({ name, label, source, coding: { ...coding, Ts, phi }, change });
  const periods = Array.from({ length: Math.min(longest, coding.T - 1) + 1 }, (_, Ts) => Ts);
  return [
    variant('as-converted', 'as converted', null, {}),
    variant('threshold-theta', 'threshold at theta', 'SWS Fig. 5', AT_THETA),
    variant('no-silent-period', 'no silent period', 'SWS Fig. 5, CSS Fig. 5', { Ts: 0 }),
    variant('threshold-theta-no-silent-period', 'threshold at theta, no silent period', 'SWS Fig. 5', {
      ...AT_THETA,
      Ts: 0,
    }),
    ...periods
      .filter((Ts) => Ts > coding.Ts)
      .map((Ts) => variant(`silent-period-${Ts}`, `silent period ${Ts}`, 'CSS Fig. 4, solid', { Ts })),
    variant('no-negative-spikes', 'no negative spikes', null, UNSIGNED),
    ...periods.map((Ts) =>
      variant(
        `integrate-and-fire-${Ts}`,
        `no negative spikes, threshold at theta, silent period ${Ts}`,
        Ts === 0 ? 'CSS Fig. 2, red' : 'CSS Fig. 4, dashed',
        { ...UNSIGNED, ...AT_THETA, Ts },
      ),
    ),
  ];
}

/**
 * A variant's change as what conversion takes for each layer. Layers whose values can be negative keep their negative
 * spikes: without them they would carry something else.
 */
export function changedLayers(
  network: Network,
  { negativeSpikes, ...others }: NeuronChange,
): ReadonlyMap<string, LayerOverrides> {
  return new Map(
    neuronLayers(network).map((node) => [
      node.name,
      negativeSpikes === false && neverNegative(network, node) ? { ...others, negativeSpikes } : others,
    ]),
  );
}

/** Functions that are nowhere below 0. */
const POSITIVE: ReadonlySet<string> = new Set([
  'tsa-relu',
  'tsa-sigmoid',
  'tsa-hard-sigmoid',
  'tsa-softplus',
]);

/** Whether no value of a layer is below 0: by its function, or by its lower bound. */
function neverNegative({ constants }: Network, { neuron, parameters }: NeuronNode): boolean {
  if (POSITIVE.has(neuron)) return true;
  const low = parameters?.low;
  return low !== undefined && constants.get(low)!.data.every((value) => Number(value) >= 0);
}
