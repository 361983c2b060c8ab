// What a neuron is to the toolkit: a function f of the accumulated potential that its spikes track.
// Dynamics are the same for all (tsa.ts); only f differs.
import type { OnnxEmitter } from './onnx-emitter.ts';

/** Potentials: float32, or float64 where currents are integers. */
export type Potentials = Float32Array | Float64Array;

/** Bounds of f, in units of theta: one for each neuron. A bound that is missing is open. */
export interface Bounds {
  readonly low?: Potentials;
  readonly high?: Potentials;
}

/**
 * A TSA neuron (ternary, self-amplifying; CSS Eq. A23/A24 with f in the place of ReLU). At step t of a window h has the
 * scale beta^(t-T), so what is tracked is beta^(t-T) f(h beta^(T-t)). A homogeneous f, f(c h) = c f(h) for c > 0,
 * needs no rescaling; bounds are brought to the scale of h.
 */
export interface Neuron<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** The ONNX activation that becomes this neuron; null for one that is put where currents must become spikes. */
  readonly operator: string | null;
  /** out[i] = f(h[i]), in the arrays' precision. `out` and `h` may be the same array. `scale` is that of h. */
  track(out: Potentials, h: Potentials, bounds: Bounds, scale: number): void;
  /** The same as ONNX nodes; `bounds` names them at the scale of h. Returns the name of f(h). */
  emit(emitter: OnnxEmitter, h: string, bounds: { readonly low?: string; readonly high?: string }): string;
}

/** Keeps the literal name. */
export function defineNeuron<const Name extends string>(neuron: Neuron<Name>): Neuron<Name> {
  return neuron;
}
