// What an engine decides before a run, as data that crosses threads and goes into files.

/** How a layer's currents are computed. */
export type LayerChoice = 'event' | 'dense';

/** How a network is run. */
export interface EnginePlan {
  /** `dense`: the whole network as one ONNX model. `event`: neurons in the event engine, currents as `layers` says. */
  readonly neurons: LayerChoice;
  /** Every layer that adds currents up, in the network's order. */
  readonly layers: readonly {
    readonly kind: 'neuron' | 'decoder' | 'readout';
    readonly name: string;
    readonly currents: LayerChoice;
  }[];
  /** Milliseconds an image that the cost table expects, of this plan and of the two engines; null where nobody computed them. */
  readonly expected: { readonly plan: number; readonly event: number; readonly dense: number } | null;
  /** Layers whose spike rate the network does not hold, which were taken to spike as usual. */
  readonly assumed: number;
}
