// What a simulator is: a network compiled once, run on batches of images, answering with a trace.
import type { Network } from '../snn/network/network.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import type { EnginePlan } from './engine-plan.ts';

/** What to keep of a run besides logits and spike counts. */
export interface RunOptions {
  /** Every spike of every layer: large. */
  readonly spikes?: boolean;
  /** Decoded outputs and residuals at the end of each neuron layer's window, and the largest membranes. */
  readonly states?: boolean;
}

/** One spiking layer's share of a trace. Indices run [step, image, element], row-major. */
export interface LayerTrace {
  /** Number of spikes of either sign for each step, summed over neurons and images: [T]. */
  readonly perStep: Float64Array;
  /** Number of spikes of either sign for each neuron, summed over steps and images: [...shape]. */
  readonly perNeuron: Float64Array;
  /** -1, 0 or +1: [T, images, ...shape]. */
  readonly spikes?: Int8Array;
  /** Decoded value at the end of the window in units of theta: [images, ...shape]. Neurons only. */
  readonly decoded?: Float32Array;
  /** (f(h) - g) / beta^Ts at the end of the window, in units of theta: [images, ...shape]. Neurons only. */
  readonly residual?: Float32Array;
  /** Integer networks: the largest |h| that each source's membranes reached. Neurons only. */
  readonly membranes?: readonly number[];
}

/** What a run on one batch measured. */
export interface Trace {
  readonly images: number;
  /** Raw accumulator of every readout, h[t] = beta h[t-1] + z[t]: [T, images, ...shape]. */
  readonly logits: ReadonlyMap<string, Float32Array>;
  readonly layers: ReadonlyMap<string, LayerTrace>;
}

/** A network made ready to run. */
export interface CompiledNetwork {
  /** Runs a batch of images [N, ...input shape], normalised as the ANN expects them. */
  run(images: FloatTensor, options?: RunOptions): Promise<Trace>;
  release(): Promise<void>;
}

export interface Engine<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** What it decides before a run; absent where there is nothing to decide. */
  plan?(network: Network): EnginePlan;
  /** Images that it likes to be given at once. */
  batch(network: Network): number;
  compile(network: Network): Promise<CompiledNetwork>;
}

/** Keeps the literal name. */
export function defineEngine<const Name extends string>(engine: Engine<Name>): Engine<Name> {
  return engine;
}
