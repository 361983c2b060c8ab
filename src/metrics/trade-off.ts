// What accuracy costs: one measured network, or one readout step of it, is a point; the points of one kind of network are a
// curve. Sweeps, tuning, comparisons and plots share it.

/** Figures per image; accuracies are fractions. */
export interface TradeOffPoint {
  /** What was set, as a reader calls it: "T 8, beta 2, Ts 1, phi 0.6667". */
  readonly label: string;
  /** Time steps of a code, or of the run where the coding has no window. */
  readonly steps: number;
  /** Steps from the first of an image to its answer. */
  readonly latency: number;
  readonly accuracy: number;
  /** Images that the accuracy was measured on. */
  readonly images: number;
  /** Fraction of the images on which ANN and SNN choose the same class; null where the ANN did not run. */
  readonly agreement: number | null;
  /** Spikes per neuron, without the encoders of the inputs. */
  readonly spikesPerNeuron: number;
  /** Accumulates that spikes cause, true fan-out. */
  readonly syops: number;
  /** Multiply-accumulates of the network itself, where not everything is spikes. */
  readonly macs: number;
  /** Of `syops` and `macs` by the energy model, millijoules. */
  readonly energyMj: number;
}

export interface TradeOffCurve {
  /** Short and stable, for files and scripts: "css", "rate-soft-reset". */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly points: readonly TradeOffPoint[];
}
