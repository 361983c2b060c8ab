// One kind of change that tuning tries.
import type { Histogram } from '../calibration/histogram.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Engine } from '../engines/engine.ts';
import type { Network, NeuronNode } from '../snn/network/network.ts';
import type { Setting } from './setting.ts';

/** What changes are made of: the network as it is, and what was measured of the ANN. */
export interface MoveContext {
  readonly setting: Setting;
  readonly network: Network;
  readonly layers: readonly NeuronNode[];
  /** Layers whose amplitude may change: not those that a quantizer gives it. */
  readonly adjustable: ReadonlySet<string>;
  /** Distributions of |activation| over the calibration images, by layer. */
  readonly histograms: ReadonlyMap<string, Histogram>;
  /** The largest activation of each channel over the calibration images, by layer. */
  readonly channelMaxima: ReadonlyMap<string, readonly number[]>;
  readonly calibration: Dataset;
  readonly engine: Engine;
  readonly build: (setting: Setting) => Network;
  /** 1 when every move is made for the first time; finer steps from then on. */
  readonly round: number;
  /** Takes images that a move runs by itself off the budget. */
  readonly spend: (images: number) => void;
}

/** One change. */
export interface Change {
  readonly what: string;
  /** The layer that it changes, where it is one: of the changes of one layer at most one is made. */
  readonly layer?: string;
  readonly apply: (setting: Setting) => Setting;
}

export interface Move<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** Whether the best of the changes is made, or as many of them as help, each of one layer. */
  readonly takes: 'one' | 'many';
  /** None where the move has nothing to change. */
  readonly changes: (context: MoveContext) => readonly Change[] | Promise<readonly Change[]>;
}

/** Keeps the literal name. */
export function defineMove<const Name extends string>(move: Move<Name>): Move<Name> {
  return move;
}
