// What a neuron is to the toolkit: a function f of the accumulated potential that its spikes track.
// Dynamics are the same for all (tsa.ts); only f differs.
import type { OnnxEmitter } from './onnx-emitter.ts';

/**
 * A TSA neuron (ternary, self-amplifying; CSS Eq. A23/A24 with f in the place of ReLU). All functions here are
 * homogeneous, f(c h) = c f(h) for c > 0: that is why h needs no rescaling to the end of the window.
 */
export interface Neuron<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  /** The ONNX activation that becomes this neuron; null for one that is put where currents must become spikes. */
  readonly operator: string | null;
  /** out[i] = f(h[i]), in float32. `out` and `h` may be the same array. */
  track(out: Float32Array, h: Float32Array): void;
  /** The same as ONNX nodes; returns the name of f(h). */
  emit(emitter: OnnxEmitter, h: string): string;
}

/** Keeps the literal name. */
export function defineNeuron<const Name extends string>(neuron: Neuron<Name>): Neuron<Name> {
  return neuron;
}
