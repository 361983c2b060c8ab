// What a coding must say of itself to be run on a planned network beside CSS and SWS: its neuron, when layers fire, what a
// layer's amplitude is, and how long an answer takes. Values are the ANN's own throughout: a spike of amplitude a passes on
// W a, so weights and biases are the file's.
import type { Unit } from '../ops/unit.ts';
import type { GraphBuilder } from '../snn/onnx/builder.ts';
import type { CodingSubject } from './subject.ts';

/**
 * - `synchronous`: all layers at every step; what a layer emits reaches the next one in the same step.
 * - `layer-wise`: a layer fires in a window of its own, when the windows of all its sources are over.
 */
export type Schedule = 'synchronous' | 'layer-wise';

/** What a neuron of a layer sees at one step: names of values in an ONNX graph, [N, ...shape] where not said otherwise. */
export interface NeuronInputs {
  /** The membrane potential with this step's current in it. */
  readonly v: string;
  /** The layer's amplitude: a scalar, or one number for each channel. */
  readonly theta: string;
  /** Further states, by their names. */
  readonly states: Readonly<Record<string, string>>;
  /** The numbers of this step: scalars, by their names. */
  readonly at: Readonly<Record<string, string>>;
}

/** What it does then. */
export interface NeuronOutputs {
  readonly v: string;
  readonly states?: Readonly<Record<string, string>>;
  /** The number of spikes of each neuron at this step: 0 or 1, either sign counted alike. */
  readonly spikes: string;
  /** What the spikes carry, in the ANN's units; 0 without a spike. */
  readonly value: string;
}

/** The neurons of a coding, the same at all layers but for their amplitude. */
export interface BaselineNeuron {
  /** Potential before the first step, in units of theta. */
  readonly initial: number;
  /** Further states and their first values, in units of theta; 0 with `layer-wise`. */
  readonly states?: Readonly<Record<string, number>>;
  /** Numbers that change from step to step, one for each step. */
  readonly sequences?: Readonly<Record<string, readonly number[]>>;
  /** One step, as ONNX nodes. */
  readonly step: (b: GraphBuilder, inputs: NeuronInputs) => NeuronOutputs;
}

/** Amplitudes theta of every layer, by its name: one number, or one for each channel. */
export type LayerAmplitudes = ReadonlyMap<string, Unit>;

/** What calibration gives the neurons of a coding. */
export interface CodingSettings {
  readonly amplitudes: LayerAmplitudes;
  /** Added to the currents of a layer at each step: one number for each channel, in the ANN's units. */
  readonly biases?: ReadonlyMap<string, readonly number[]>;
  /** Steps at the beginning that the readout leaves out, where more follow. */
  readonly readoutDelay?: number;
}

/** What a coding can carry; what a network needs besides is refused by name. */
export interface CodingLimits {
  /** Whether its neurons can take the maximum over a window, exactly. */
  readonly maxPool: boolean;
}

/** A coding of the comparison. */
export interface BaselineCoding {
  /** Short and stable: command line, files, documents. */
  readonly name: string;
  readonly summary: string;
  /** Paper, or the code that it was read from. */
  readonly source: string;
  readonly schedule: Schedule;
  readonly limits: CodingLimits;
  /**
   * Whether one run can be read at every step (rate: the longer, the better), or each number of steps is a network of its
   * own.
   */
  readonly anytime: boolean;
  /** The numbers of steps that are measured unless others are asked for. */
  readonly steps: readonly number[];
  /**
   * Steps from the first of an image to its answer.
   * @param layers neuron layers on the longest path
   */
  latency(steps: number, layers: number): number;
  /** Calibrates the layers for that number of steps. */
  settings(subject: CodingSubject, steps: number): CodingSettings | Promise<CodingSettings>;
  neuron(steps: number): BaselineNeuron;
  /**
   * Synchronous codings: what image and biases are multiplied by at each step; 1 unless given. The image is analog: with
   * `layer-wise` it enters once, at the first step.
   */
  shares?(steps: number): readonly number[];
  /**
   * Synchronous codings: steps for which each layer is watched before it begins, its initial potential then being shifted
   * (offset-spikes.ts). A layer sends at least so many steps.
   */
  readonly watched?: number;
}

/** Checks the types of a coding's file. */
export function defineCoding(coding: BaselineCoding): BaselineCoding {
  return coding;
}

/** Codings in which a layer fires when it has all of its input: a window for each layer, and an answer at the end alone. */
export const layerWise = {
  schedule: 'layer-wise',
  limits: { maxPool: true },
  anytime: false,
  latency: (steps: number, layers: number) => steps * layers,
} as const satisfies Partial<BaselineCoding>;
