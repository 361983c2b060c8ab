// The TSA neuron of an integer network. Currents are whole numbers and each source has a membrane h_k of its own, so that
// nothing is rounded while it integrates; the sources meet in float64, in their order, when the neuron compares:
//   u = sum over k of scale_k h_k + bias * share(t),   o = f(u) - g,   all in units of theta.
// With beta = 2 scaling by beta is exact, so u at t >= T is 2^(t-T) times the quantized ANN's pre-activation, bit for bit.
import { biasShare, type TsaParameters, thresholdAt, track, type WindowEnd, windowEnd } from './tsa.ts';

/** What the membranes of a layer sum. Arrays have one number for each potential. */
export interface MembraneSum {
  /** One unit of source k's current, in units of theta. */
  readonly scales: readonly Float64Array[];
  /** The whole bias of the window, in units of theta. */
  readonly bias?: Float64Array;
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
  private readonly h: readonly Float64Array[];
  private readonly g: Float64Array;
  private readonly u: Float64Array;
  private readonly tracked: Float64Array;

  constructor(parameters: TsaParameters, sum: MembraneSum, potentials: number, neurons: number) {
    this.parameters = parameters;
    this.sum = sum;
    this.h = sum.scales.map(() => new Float64Array(potentials));
    this.largest = sum.scales.map(() => 0);
    this.g = new Float64Array(neurons);
    this.u = new Float64Array(potentials);
    this.tracked = new Float64Array(neurons);
  }

  /**
   * Advances by one step.
   * @param t step within the window, 1 to T + Ts
   * @param z integer current of each source for each potential; not read in the tail, t > T
   * @param spikes receives -1, 0 or +1 for each neuron; left alone while t <= Ts
   */
  step(t: number, z: readonly ArrayLike<number>[], spikes: Float32Array | Float64Array): void {
    const { T, Ts } = this.parameters;
    this.h.forEach((h, k) => {
      this.integrate(h, t <= T ? z[k]! : null);
      if (t > Ts)
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

  private potential(t: number): Float64Array {
    const { T, beta } = this.parameters;
    membraneSum(this.u, this.sum, this.h, biasShare(t, T, beta));
    return this.u;
  }

  private fire(t: number, spikes: Float32Array | Float64Array): void {
    const { g, tracked } = this;
    const { T, Ts, beta } = this.parameters;
    const amplitude = beta ** Ts;
    const threshold = thresholdAt(t, this.parameters);
    const last = t === T + Ts;
    track(tracked, this.potential(t), t, this.parameters);
    for (let i = 0; i < g.length; i++) {
      const amplified = beta * g[i]!;
      const o = tracked[i]! - amplified;
      const reached = last ? Math.abs(o) > threshold : Math.abs(o) >= threshold;
      const s = reached ? Math.sign(o) : 0;
      g[i] = amplified + s * amplitude;
      spikes[i] = s;
    }
  }
}
