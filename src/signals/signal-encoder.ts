// What an encoder of signals is. These turn measurements over time into spike trains; the encoders of src/encoders turn
// one image into the weighted spikes of a network's input.
import type { Parameters, Values } from './parameter.ts';

/**
 * Which rules hold where the published framework (Spike-Encoding, arXiv 2504.11026) departs from its own sources:
 * `reference` does what it does, spike for spike; `corrected` does what each encoder's `corrections` list.
 */
export type Behaviour = 'reference' | 'corrected';

/** What an encoder and its decoder know of a feature besides the values. */
export interface FeatureContext {
  /** The range that is normalised: of the feature itself unless it was given. */
  readonly low: number;
  readonly high: number;
  /** The first sample. */
  readonly first: number;
  /** Index of the feature, which draws its own random numbers. */
  readonly index: number;
  readonly behaviour: Behaviour;
}

/** Additions (comparisons and subtractions among them) and multiplications (divisions among them). */
export interface Arithmetic {
  readonly additions: number;
  readonly multiplications: number;
}

export interface SignalEncoder<Name extends string = string> {
  readonly name: Name;
  /** The name in words. */
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly parameters: Parameters;
  /** What `corrected` does otherwise, one sentence each. */
  readonly corrections: readonly string[];
  /** Spike trains of one feature, and steps that each takes for one sample. */
  layout(values: Values): { readonly channels: number; readonly steps: number };
  /** @returns spikes -1, 0, 1 as [channels, time * steps] */
  encode(signal: Float64Array, context: FeatureContext, values: Values): Int8Array;
  /** @returns the reconstruction [time], in the unit of the signal */
  decode(spikes: Int8Array, time: number, context: FeatureContext, values: Values): Float64Array;
  /** What encoding `time` samples into `spikes` spikes takes. docs/signals.md has the terms. */
  arithmetic(time: number, spikes: number, values: Values): Arithmetic;
}

/** An encoder whose functions see the types of its own parameters. */
interface Definition<Name extends string, P extends Parameters>
  extends Omit<SignalEncoder<Name>, 'parameters' | 'layout' | 'encode' | 'decode' | 'arithmetic'> {
  readonly parameters: P;
  layout?(values: Values<P>): { readonly channels: number; readonly steps: number };
  encode(signal: Float64Array, context: FeatureContext, values: Values<P>): Int8Array;
  decode(spikes: Int8Array, time: number, context: FeatureContext, values: Values<P>): Float64Array;
  arithmetic(time: number, spikes: number, values: Values<P>): Arithmetic;
}

/** Keeps the literal name; an encoder without a layout has one train of one step a sample. */
export function defineSignalEncoder<const Name extends string, const P extends Parameters>(
  definition: Definition<Name, P>,
): SignalEncoder<Name> {
  return { layout: () => ({ channels: 1, steps: 1 }), ...definition } as unknown as SignalEncoder<Name>;
}
