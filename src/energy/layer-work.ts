// What one layer makes spiking network and ANN do for one image: what energies of a layer are computed from.

/** Counts per image of what carries one tensor: a neuron layer or an encoder, the maps behind it, and the ANN's tensor. */
export interface LayerWork {
  readonly name: string;
  /** Elements of the tensor: neurons. */
  readonly neurons: number;
  readonly spikes: number;
  /** Accumulates that its spikes cause, true fan-out. */
  readonly accumulates: number;
  /** Products that the spiking network itself makes of it; 0 where all is spikes. */
  readonly products: number;
  /** Products that the ANN makes of the tensor, without padding and zero weights. */
  readonly annProducts: number;
  /** Words of state that its own neurons keep, and the steps at which all of them are read and written. */
  readonly stateWords: number;
  readonly updateSteps: number;
  /** Words of the weights that its spikes, or the ANN's values, meet. */
  readonly weightWords: number;
  /** Words of the membranes that its spikes reach. */
  readonly targetWords: number;
}
