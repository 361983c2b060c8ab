// What became of every node of the file: nothing is skipped silently.

/** The ways a node of the file can end. */
export type FateKind =
  | 'neuron'
  | 'linear'
  | 'folded'
  | 're-spiked'
  | 'analog'
  | 'constant'
  | 'dropped'
  | 'readout'
  | 'refused'
  | 'not reached';

/** The fate of one node, by its name in the file. */
export interface Fate {
  readonly node: string;
  readonly op: string;
  readonly kind: FateKind;
  /** Into what it was folded, which neuron it became, or why it was dropped or refused. */
  readonly detail: string;
}
