// The numbers that change from step to step of a layer's firing window, at the scale of the window's beginning.
import { biasShare, firesAtThreshold, prefixAt, singleThresholdAt, thresholdAt } from '../../neurons/tsa.ts';
import { membraneType, type Network, type NeuronNode } from '../network/network.ts';
import { decisionFactor } from './rounding.ts';

/** One number for each of the T firing steps t = Ts + 1 .. Ts + T. */
export interface FiringWindow {
  /** What o is multiplied by before it is rounded to a spike (rounding.ts). */
  readonly factors: readonly number[];
  /** beta^(Ts-t): what a spike adds to G. */
  readonly amplitudes: readonly number[];
  /** The share of the bias that has flowed in, times beta^-t. */
  readonly shares: readonly number[];
  /** What a shift behind a max-pool is multiplied by, times beta^-t. */
  readonly prefixes: readonly number[];
}

/** What a source adds at each of the T firing steps, when it has run `ahead` steps further than the window. */
export interface Inflow {
  /** Which of the T inputs is read; the last one again in the tail, at weight 0. */
  readonly inputs: readonly number[];
  /** beta^-t of the source's own step t, 0 in its tail. */
  readonly weights: readonly number[];
  /**
   * What a forecast takes off: shares of the latest inputs, the latest first, times the same; 0 where nothing more is to
   * come.
   */
  readonly forecasts: readonly (readonly number[])[];
}

/** The inflow of a source over a layer's firing window, in the precision of the network's membranes. */
export function inflow(network: Network, { Ts, forecast = [] }: NeuronNode, aheadSteps = 0): Inflow {
  const { T, beta } = network.coding;
  const round = roundingOf(network);
  const steps = Array.from({ length: T }, (_, i) => Ts + 1 + i + aheadSteps);
  return {
    inputs: steps.map((t) => Math.min(t, T) - 1),
    weights: steps.map((t) => (t <= T ? round(beta ** -t) : 0)),
    forecasts: forecast.map((share, i) => steps.map((t) => (t < T && t > i ? round(share * beta ** -t) : 0))),
  };
}

function roundingOf({ arithmetic }: Network): (value: number) => number {
  return arithmetic === 'integer' ? (value) => value : Math.fround;
}

/** The firing window of a layer, in the precision of the network's membranes. */
export function firingWindow(network: Network, node: NeuronNode): FiringWindow {
  const { T, beta } = network.coding;
  const { Ts } = node;
  const parameters = { ...node, T, beta };
  const integer = network.arithmetic === 'integer';
  const round = roundingOf(network);
  const firing = Array.from({ length: T }, (_, i) => Ts + 1 + i);
  const scaled = (t: number, value: number) => round(value * beta ** -t);
  const factor = (t: number) => {
    const threshold = scaled(t, (integer ? thresholdAt : singleThresholdAt)(t, parameters));
    // Round leaves exactly 1/2 silent by itself.
    return integer && !firesAtThreshold(t, parameters)
      ? 0.5 / threshold
      : decisionFactor(threshold, membraneType(network));
  };
  const prefix = integer ? biasShare : prefixAt;
  return {
    factors: firing.map(factor),
    amplitudes: firing.map((t) => scaled(t, beta ** Ts)),
    shares: firing.map((t) => scaled(t, biasShare(t, T, beta))),
    prefixes: firing.map((t) => scaled(t, prefix(t, T, beta))),
  };
}
