// The dynamics that all TSA neurons share (CSS Eq. A23/A24 and Algorithm 1, corrected), written to be read.
// All arithmetic is rounded to float32 after every operation, in the order of the equations: the ONNX form of
// the same neuron (snn/to-onnx.ts) then gives the same spikes for the same input, bit for bit.
//
// Errata that matter: Algorithm 1's silent loop runs one step too many as printed, and Eq. A23 lacks the factor
// beta^Ts on g; either alone destroys the code (relative error of an 8-layer net 2.09 and 1.81 instead of 0.014).
import type { Neuron } from './neuron.ts';

const { fround } = Math;

/** What one layer's neurons have in common. Spikes have unit amplitude. */
export interface TsaParameters {
  readonly neuron: Neuron;
  /** Coding steps. */
  readonly T: number;
  /** Silent period in steps. */
  readonly Ts: number;
  readonly beta: number;
  /** Threshold as a fraction of the amplitude, at every firing step but the last, where it is 1/2. */
  readonly phi: number;
  /** Maximum of h over each neuron's window; absent where every neuron has one potential of its own. */
  readonly pool?: (h: Float32Array) => Float32Array;
  /** Per-neuron scale and per-step shift applied to the pooled potential: f(scale * h + shift * prefix). */
  readonly affine?: { readonly scale: Float32Array; readonly shift: Float32Array };
}

/** The threshold at step t (1-based) of a window, in units of the amplitude: phi beta^Ts, at the last step beta^Ts / 2. */
export function thresholdAt(t: number, { T, Ts, beta, phi }: Omit<TsaParameters, 'neuron'>): number {
  return fround((t === T + Ts ? 0.5 : phi) * beta ** Ts);
}

/**
 * The prefix of a constant input at step t: what 1 per input step has added up to,
 * sum over k = 1..min(t, T) of beta^(t-k).
 */
export function prefixAt(t: number, T: number, beta: number): number {
  let sum = 0;
  for (let k = 1; k <= t; k++) sum = fround(fround(sum * fround(beta)) + (k <= T ? 1 : 0));
  return sum;
}

/** The end of a window, t = T + Ts, in units of theta; one value for each neuron. */
export interface WindowEnd {
  /** The value that the spikes carry: g / beta^Ts. */
  readonly decoded: Float32Array;
  /** What was not emitted: (f(h) - g) / beta^Ts; within 1/2 when the neuron kept up. */
  readonly residual: Float32Array;
}

/** Reads a population's accumulated input h and output g at the end of its window. */
export function windowEnd(parameters: TsaParameters, h: Float32Array, g: Float32Array): WindowEnd {
  const scale = parameters.beta ** parameters.Ts;
  const tracked = new Float32Array(g.length);
  track(tracked, h, parameters.T + parameters.Ts, parameters);
  return {
    decoded: g.map((value) => value / scale),
    residual: tracked.map((value, i) => (value - g[i]!) / scale),
  };
}

/** out = f(scale * pool(h) + shift * prefix(t)), with scale, shift and pool where there are any. */
function track(out: Float32Array, h: Float32Array, t: number, parameters: TsaParameters): void {
  const { pool, affine, neuron, T, beta } = parameters;
  let potential = pool === undefined ? h : pool(h);
  if (affine !== undefined) {
    const prefix = prefixAt(t, T, beta);
    potential = potential.map((v, i) => fround(affine.scale[i]! * v) + fround(affine.shift[i]! * prefix));
  }
  neuron.track(out, potential);
}

/** A population of TSA neurons within one window of T + Ts steps. */
export class TsaPopulation {
  private readonly parameters: TsaParameters;
  /** Accumulated input, one for each potential. */
  private readonly h: Float32Array;
  /** Accumulated output at the scale of h, one for each neuron. */
  private readonly g: Float32Array;
  /** f(h), one for each neuron. */
  private readonly tracked: Float32Array;

  constructor(parameters: TsaParameters, potentials: number, neurons: number) {
    this.parameters = parameters;
    this.h = new Float32Array(potentials);
    this.g = new Float32Array(neurons);
    this.tracked = new Float32Array(neurons);
  }

  /**
   * Advances by one step.
   * @param t step within the window, 1 to T + Ts
   * @param z input current for each potential; not read in the tail, t > T
   * @param spikes receives -1, 0 or +1 for each neuron; left alone while t <= Ts
   */
  step(t: number, z: Float32Array, spikes: Float32Array): void {
    const { T, Ts } = this.parameters;
    this.integrate(t <= T ? z : null);
    if (t > Ts) this.fire(t, spikes);
  }

  /** What was decoded and what was left at the end of the window. */
  atEnd(): WindowEnd {
    return windowEnd(this.parameters, this.h, this.g);
  }

  private integrate(z: Float32Array | null): void {
    const { h } = this;
    const beta = fround(this.parameters.beta);
    if (z === null) for (let i = 0; i < h.length; i++) h[i] = beta * h[i]!;
    else for (let i = 0; i < h.length; i++) h[i] = fround(beta * h[i]!) + z[i]!;
  }

  private fire(t: number, spikes: Float32Array): void {
    const { g, tracked } = this;
    const beta = fround(this.parameters.beta);
    const amplitude = fround(this.parameters.beta ** this.parameters.Ts);
    const threshold = thresholdAt(t, this.parameters);
    track(tracked, this.h, t, this.parameters);
    for (let i = 0; i < g.length; i++) {
      const amplified = fround(beta * g[i]!);
      const o = fround(tracked[i]! - amplified);
      const s = o >= threshold ? 1 : o <= -threshold ? -1 : 0;
      g[i] = amplified + s * amplitude;
      spikes[i] = s;
    }
  }
}
