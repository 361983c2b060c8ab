// The TSA neuron of an integer network. Currents are whole numbers and each source has a membrane h_k of its own, so that
// nothing is rounded while it integrates; the sources meet in float64, in their order, when the neuron compares:
//   u = sum over k of scale_k h_k + bias * share(t),   o = f(u) - g,   all in units of theta.
// With beta = 2 scaling by beta is exact, so u at t >= T is 2^(t-T) times the quantized ANN's pre-activation, bit for bit.
//
// Before that u lacks what is still to come, and two things make up for part of it (docs/science.md, section 11). A source
// may run ahead of the window: h_k is then that of a later step, divided by the power of 2 that it has grown by. And a layer
// may forecast: a neuron that has just fired has mostly fired too much, so shares of the latest currents are taken off. What
// it fires itself is made easy to forecast: once it knows the whole of u, its thresholds are those at which it writes the
// whole number that it will end at.
import {
  biasShare,
  firesAtThreshold,
  type TsaParameters,
  thresholdAt,
  track,
  type WindowEnd,
  windowEnd,
} from './tsa.ts';

/** What the membranes of a layer sum. Arrays have one number for each potential. */
export interface MembraneSum {
  /** One unit of source k's current, in units of theta. */
  readonly scales: readonly Float64Array[];
  /** The whole bias of the window, in units of theta. */
  readonly bias?: Float64Array;
  /** Steps by which source k runs ahead of the window; 0 for all where it is absent. */
  readonly ahead?: readonly number[];
}

/** u = sum over k of scale_k h_k + bias * share, in float64 and in this order. */
export function membraneSum(
  out: Float64Array,
  { scales, bias }: MembraneSum,
  h: readonly Float64Array[],
  share: number,
): void {
  for (let i = 0; i < out.length; i++) {
    let sum = scales[0]![i]! * h[0]![i]!;
    for (let k = 1; k < h.length; k++) sum += scales[k]![i]! * h[k]![i]!;
    out[i] = bias === undefined ? sum : sum + bias[i]! * share;
  }
}

/**
 * A population of integer TSA neurons within one window of T + Ts steps. Half-way ties at the last step round to even:
 * every earlier spike weighs an even number of theta there, so the code so far is even and the neuron stays silent.
 */
export class IntegerTsaPopulation {
  /** The largest |h| of each source at the firing steps so far. */
  readonly largest: number[];
  private readonly parameters: TsaParameters;
  private readonly sum: MembraneSum;
  private readonly ahead: readonly number[];
  private readonly h: readonly Float64Array[];
  /** The latest currents of each source, the latest first, as many as a forecast wants. */
  private readonly latest: Float64Array[][];
  /** What is known of h at the latest step, at the scale of the window: the sum is over these. */
  private readonly known: readonly Float64Array[];
  private readonly g: Float64Array;
  private readonly u: Float64Array;
  private readonly tracked: Float64Array;

  constructor(parameters: TsaParameters, sum: MembraneSum, potentials: number, neurons: number) {
    this.parameters = parameters;
    this.sum = sum;
    this.ahead = sum.ahead ?? sum.scales.map(() => 0);
    this.h = sum.scales.map(() => new Float64Array(potentials));
    const { forecast = [] } = parameters;
    this.latest = sum.scales.map(() => forecast.map(() => new Float64Array(potentials)));
    this.known = sum.scales.map(() => new Float64Array(potentials));
    this.largest = sum.scales.map(() => 0);
    this.g = new Float64Array(neurons);
    this.u = new Float64Array(potentials);
    this.tracked = new Float64Array(neurons);
  }

  /**
   * Advances by one step.
   * @param t step within the window, 1 to T + Ts; where sources run ahead, from 1 less the most that one does
   * @param z integer current of each source for each potential, at step t + ahead of the source; read where that is 1 to T
   * @param spikes receives -1, 0 or +1 for each neuron; left alone while t <= Ts
   */
  step(t: number, z: readonly ArrayLike<number>[], spikes: Float32Array | Float64Array): void {
    const { T, Ts } = this.parameters;
    this.h.forEach((h, k) => {
      const step = t + this.ahead[k]!;
      if (step < 1) return;
      this.integrate(h, step <= T ? z[k]! : null);
      this.remember(this.latest[k]!, step < T ? z[k]! : null);
      if (t <= Ts) return;
      this.estimate(k, step < T);
      this.largest[k] = h.reduce((largest, v) => Math.max(largest, Math.abs(v)), this.largest[k]!);
    });
    if (t > Ts) this.fire(t, spikes);
  }

  /** What was decoded and what was left at the end of the window. */
  atEnd(): WindowEnd {
    return windowEnd(this.parameters, this.potential(this.parameters.T + this.parameters.Ts), this.g);
  }

  private integrate(h: Float64Array, z: ArrayLike<number> | null): void {
    const { beta } = this.parameters;
    for (let i = 0; i < h.length; i++) h[i] = beta * h[i]! + (z === null ? 0 : z[i]!);
  }

  private remember(latest: Float64Array[], z: ArrayLike<number> | null): void {
    if (z === null || latest.length === 0) return;
    const oldest = latest.pop()!;
    oldest.set(z);
    latest.unshift(oldest);
  }

  /** @param more whether input is still to come */
  private estimate(k: number, more: boolean): void {
    const known = this.known[k]!;
    known.set(this.h[k]!);
    if (more) {
      this.latest[k]!.forEach((z, i) => {
        const share = this.parameters.forecast![i]!;
        for (let n = 0; n < known.length; n++) known[n]! -= share * z[n]!;
      });
    }
    const scale = this.parameters.beta ** -this.ahead[k]!;
    if (scale !== 1) for (let n = 0; n < known.length; n++) known[n]! *= scale;
  }

  private potential(t: number): Float64Array {
    const { T, beta } = this.parameters;
    membraneSum(this.u, this.sum, this.known, biasShare(t, T, beta));
    return this.u;
  }

  private fire(t: number, spikes: Float32Array | Float64Array): void {
    const { g, tracked } = this;
    const { Ts, beta } = this.parameters;
    const amplitude = beta ** Ts;
    const threshold = thresholdAt(t, this.parameters);
    const atThreshold = firesAtThreshold(t, this.parameters);
    const ternary = this.parameters.negativeSpikes !== false;
    track(tracked, this.potential(t), t, this.parameters);
    for (let i = 0; i < g.length; i++) {
      const amplified = beta * g[i]!;
      const o = tracked[i]! - amplified;
      const reached = atThreshold ? Math.abs(o) >= threshold : Math.abs(o) > threshold;
      const s = reached && (ternary || o > 0) ? Math.sign(o) : 0;
      g[i] = amplified + s * amplitude;
      spikes[i] = s;
    }
  }
}
