// What a neuron is to the toolkit: a function f of the accumulated potential that its spikes track.
// Dynamics are the same for all (tsa.ts); only f differs.
import type { ParameterValues } from '../ops/op.ts';
import type { OnnxEmitter } from './onnx-emitter.ts';

/** Potentials: float32, or float64 where currents are integers. */
export type Potentials = Float32Array | Float64Array;

/**
 * The numbers that f may depend on, and how they follow from those of the ANN's function: at step t of a window they are
 * theirs times (s / theta)^e, s = beta^(t-T) the scale of h.
 * - 1: a value. `low` and `high` bound what is emitted.
 * - 0: a ratio, as it is.
 * - -1: `unit`, which is 1 in the ANN: what one unit of h is worth there.
 */
export const PARAMETER_EXPONENTS = {
  low: 1,
  high: 1,
  slope: 0,
  offset: 0,
  gain: 0,
  alpha: 0,
  width: 0,
  unit: -1,
} as const;

export type ParameterName = keyof typeof PARAMETER_EXPONENTS;

/** The parameters of a layer in units of theta, one number for each neuron. A bound that is missing is open. */
export type NeuronParameters = { readonly [name in ParameterName]?: Potentials };

/** Their names in an ONNX graph, where they are at the scale of the potential. */
export type EmittedParameters = { readonly [name in ParameterName]?: string };

/**
 * A TSA neuron (ternary, self-amplifying; CSS Eq. A23/A24 with f in the place of ReLU). At step t of a window h has the
 * scale beta^(t-T), so what is tracked is beta^(t-T) f(h beta^(T-t)). A homogeneous f, f(c h) = c f(h) for c > 0,
 * needs no rescaling; parameters are brought to the scale of h.
 */
export interface Neuron<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** The ONNX activations that become this neuron; none for one that is put where currents must become spikes. */
  readonly operators: readonly string[];
  /** What it depends on. All but `low` and `high` must be given. */
  readonly parameters: readonly ParameterName[];
  /** Whether f never decreases, with these parameters: only then is the maximum of f the f of the maximum. */
  monotone(parameters: ParameterValues): boolean;
  /** Whether f only compares: its spikes are then the same on every engine of an integer network. */
  readonly exact: boolean;
  /** What is measured to be lost where it is much (docs/neurons.md), with what to do: part of the layer's fate. */
  caution?(parameters: ParameterValues): string | undefined;
  /**
   * out[i] = f(h[i]), in the arrays' precision. `out` and `h` may be the same array. Parameters are those at the end of the
   * input, t = T; `scale` is that of h.
   */
  track(out: Potentials, h: Potentials, parameters: NeuronParameters, scale: number): void;
  /** The same as ONNX nodes, parameters at the scale of h. Returns the name of f(h). */
  emit(emitter: OnnxEmitter, h: string, parameters: EmittedParameters): string;
}

/** Of functions that are level on both sides of 0: an early estimate of the wrong sign is far off, and found out late. */
export const LEVEL_AT_BOTH_ENDS =
  'level at both ends: where many values lie there, a silent period of 1 loses 5 to 11 %, one of 3 about 1 % (--silent 3)';

/** Keeps the literal name. */
export function defineNeuron<const Name extends string>(neuron: Neuron<Name>): Neuron<Name> {
  return neuron;
}

/** A parameter at another scale: times scale^e. */
export function atScale(name: ParameterName, value: number, scale: number): number {
  return value * scale ** PARAMETER_EXPONENTS[name];
}
