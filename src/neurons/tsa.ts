// The dynamics that all TSA neurons share (CSS Eq. A23/A24 and Algorithm 1, corrected), written to be read.
// All arithmetic is rounded to float32 after every operation, in the order of the equations: the ONNX form of
// the same neuron (snn/onnx/to-onnx.ts) then gives the same spikes for the same input, bit for bit.
//
// Errata that matter: Algorithm 1's silent loop runs one step too many as printed, and Eq. A23 lacks the factor
// beta^Ts on g; either alone destroys the code (relative error of an 8-layer net 2.09 and 1.81 instead of 0.014).
import { kappa } from '../encoders/kappa.ts';
import type { Neuron, NeuronParameters, Potentials } from './neuron.ts';

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
  /** The threshold at the last firing step, where that is not 1/2. */
  readonly lastPhi?: number;
  /** False for neurons that emit no negative spikes. */
  readonly negativeSpikes?: false;
  /**
   * Integer networks: shares of the latest currents, the latest first, that are taken off before the input is complete. From
   * then on thresholds are those of whole numbers.
   */
  readonly forecast?: readonly number[];
  /** Maximum of h over each neuron's window; absent where every neuron has one potential of its own. */
  readonly pool?: (h: Potentials) => Potentials;
  /**
   * Per-neuron scale and shift applied to the pooled potential, f(scale * h + shift * prefix): a shift per step in float32,
   * and that of the whole window times its share in float64.
   */
  readonly affine?: { readonly scale: Potentials; readonly shift: Potentials };
  /** What f depends on; absent where that is nothing. */
  readonly parameters?: NeuronParameters;
}

/** What a threshold depends on. */
export type FiringParameters = Pick<TsaParameters, 'T' | 'Ts' | 'beta' | 'phi' | 'lastPhi' | 'forecast'>;

/**
 * The threshold at step t (1-based) of a window, in units of theta: phi beta^Ts, at the last step beta^Ts / 2, or lastPhi beta^Ts. With a forecast
 * it is lower from t = T on, (beta^Ts - beta^(t-T)) / 2: then the spikes are those of the whole number that the code ends at.
 */
export function thresholdAt(
  t: number,
  { T, Ts, beta, phi, lastPhi = 1 / 2, forecast }: FiringParameters,
): number {
  const amplitude = beta ** Ts;
  if (t === T + Ts) return lastPhi * amplitude;
  return forecast !== undefined && t >= T ? (amplitude - beta ** (t - T)) / 2 : phi * amplitude;
}

/**
 * Integer networks: whether a neuron fires at the threshold itself. At the last step, at half of theta, the code so far is
 * even and stays so; a step before, with a forecast, the whole number in reach is odd, and the even one beside it is written.
 * Another threshold at the last step is no half-way tie, and fires.
 */
export function firesAtThreshold(t: number, { T, Ts, lastPhi, forecast }: FiringParameters): boolean {
  if (t === T + Ts) return lastPhi !== undefined;
  return !(forecast !== undefined && t >= T && t === T + Ts - 1);
}

/** The same as float32, for membranes in float32. */
export function singleThresholdAt(t: number, parameters: FiringParameters): number {
  return fround(thresholdAt(t, parameters));
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
export function windowEnd(parameters: TsaParameters, h: Potentials, g: Potentials): WindowEnd {
  const scale = parameters.beta ** parameters.Ts;
  const tracked = g.slice();
  track(tracked, h, parameters.T + parameters.Ts, parameters);
  return {
    decoded: Float32Array.from(g, (value) => value / scale),
    residual: Float32Array.from(tracked, (value, i) => (value - g[i]!) / scale),
  };
}

/** out = f(scale * pool(h) + shift * prefix(t)), with scale, shift and pool where there are any. */
export function track(out: Potentials, h: Potentials, t: number, parameters: TsaParameters): void {
  const { pool, affine, parameters: given = {}, neuron, T, beta } = parameters;
  const single = h instanceof Float32Array;
  const round = single ? fround : (value: number) => value;
  let potential = pool === undefined ? h : pool(h);
  if (affine !== undefined) {
    const prefix = single ? prefixAt(t, T, beta) : biasShare(t, T, beta);
    potential = potential.map((v, i) => round(affine.scale[i]! * v) + round(affine.shift[i]! * prefix));
  }
  neuron.track(out, potential, given, round(beta ** (t - T)));
}

/**
 * The share of a bias that has flowed in by step t, prefix(t) / K, in float64: from t = T on it is beta^(t-T), the scale
 * of h, exactly.
 */
export function biasShare(t: number, T: number, beta: number): number {
  return t >= T ? beta ** (t - T) : kappa(t, beta) / kappa(T, beta);
}

/**
 * What a layer that multiplies two inputs tracks, at the scale of either: both have the scale e = beta^(t-T), so their
 * product has e^2. Exact when both have all of their input, like every function at the scale of the value.
 */
export function productOf(a: Float32Array, b: Float32Array, scale: number): Float32Array {
  const e = fround(scale);
  return a.map((value, i) => fround(value * b[i]!) / e);
}

/** A population of TSA neurons within one window of T + Ts steps. */
export class TsaPopulation {
  private readonly parameters: TsaParameters;
  /** Accumulated input, one for each potential. */
  private readonly h: Float32Array;
  /** That of the second factor, where the layer multiplies two inputs. */
  private readonly factor: Float32Array | null;
  /** Accumulated output at the scale of h, one for each neuron. */
  private readonly g: Float32Array;
  /** f(h), one for each neuron. */
  private readonly tracked: Float32Array;

  /** @param multiplies whether the layer multiplies two inputs, both of `potentials` elements */
  constructor(parameters: TsaParameters, potentials: number, neurons: number, multiplies = false) {
    this.parameters = parameters;
    this.h = new Float32Array(potentials);
    this.factor = multiplies ? new Float32Array(potentials) : null;
    this.g = new Float32Array(neurons);
    this.tracked = new Float32Array(neurons);
  }

  /**
   * Advances by one step.
   * @param t step within the window, 1 to T + Ts
   * @param z input current for each potential; not read in the tail, t > T
   * @param spikes receives -1, 0 or +1 for each neuron; left alone while t <= Ts
   * @param second input current of the second factor, where the layer has one
   */
  step(t: number, z: Float32Array, spikes: Float32Array, second?: Float32Array): void {
    const { T, Ts } = this.parameters;
    this.integrate(this.h, t <= T ? z : null);
    if (this.factor !== null) this.integrate(this.factor, t <= T ? second! : null);
    if (t > Ts) this.fire(t, spikes);
  }

  /** What was decoded and what was left at the end of the window. */
  atEnd(): WindowEnd {
    const { T, Ts } = this.parameters;
    return windowEnd(this.parameters, this.potential(T + Ts), this.g);
  }

  private potential(t: number): Float32Array {
    const { T, beta } = this.parameters;
    return this.factor === null ? this.h : productOf(this.h, this.factor, beta ** (t - T));
  }

  private integrate(h: Float32Array, z: Float32Array | null): void {
    const beta = fround(this.parameters.beta);
    if (z === null) for (let i = 0; i < h.length; i++) h[i] = beta * h[i]!;
    else for (let i = 0; i < h.length; i++) h[i] = fround(beta * h[i]!) + z[i]!;
  }

  private fire(t: number, spikes: Float32Array): void {
    const { g, tracked } = this;
    const beta = fround(this.parameters.beta);
    const amplitude = fround(this.parameters.beta ** this.parameters.Ts);
    const threshold = singleThresholdAt(t, this.parameters);
    const below = this.parameters.negativeSpikes === false ? Number.NEGATIVE_INFINITY : -threshold;
    track(tracked, this.potential(t), t, this.parameters);
    for (let i = 0; i < g.length; i++) {
      const amplified = fround(beta * g[i]!);
      const o = fround(tracked[i]! - amplified);
      const s = o >= threshold ? 1 : o <= below ? -1 : 0;
      g[i] = amplified + s * amplitude;
      spikes[i] = s;
    }
  }
}
