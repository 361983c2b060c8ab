// What one layer of neurons receives in the bench: currents of spikes through random weights.
import { css } from '../src/encoders/css.ts';
import { kappa } from '../src/encoders/kappa.ts';
import { SpikeEncoder } from '../src/encoders/spike-encoder.ts';

const INPUTS = 256;
/** Values of which each input behind a mean is the mean: 7 x 7 pixels. */
const AREA = 49;
/** Standard deviation by which an input differs from what it usually is, as a share of it. */
const VARIATION = 0.2;

type Code = { readonly T: number; readonly beta: number };

/** Currents in the ANN's units for each of the T steps, and what they add up to. */
export interface Input {
  readonly currents: readonly Float64Array[];
  readonly arrived: Float64Array;
}

/** Numbers in [0, 1), the same for the same seed. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // The low bits of such a generator repeat soon.
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers, the same for the same seed. */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Spikes of rectified normal values, through normal weights without a common part, scaled to a standard deviation of 1. */
export function inputOf(code: Code, size: number): Input {
  const gauss = normal(20261121);
  const trains = spikesOf(code, gauss, 1);
  return scaled(
    code,
    weighted(trains, size, gauss, () => 0),
  );
}

/**
 * The same behind a mean: inputs are means of rectified normal values, which differ by VARIATION from what they usually are,
 * and a bias takes away what the usual ones give, as that of a trained layer does.
 */
export function inputBehindMean(code: Code, size: number): Input {
  const gauss = normal(20261122);
  const trains = spikesOf(code, gauss, AREA);
  const K = kappa(code.T, code.beta);
  const usual = carried(code, trains).map((value) => value * (1 + VARIATION * gauss()));
  const share = (weights: Float64Array) => -weights.reduce((sum, w, j) => sum + w * usual[j]!, 0) / K;
  return scaled(code, weighted(trains, size, gauss, share));
}

/** Each input's mean spike over `area` values, step by step. */
function spikesOf({ T, beta }: Code, gauss: () => number, area: number): Float64Array[] {
  const values = Float32Array.from({ length: INPUTS * area }, () => Math.max(0, gauss()));
  const theta = values.reduce((most, value) => Math.max(most, value), 0) / kappa(T, beta);
  const encoder = new SpikeEncoder(css, { T, beta }, theta, values);
  const spikes = new Float32Array(values.length);
  return Array.from({ length: T }, () => {
    encoder.step(spikes);
    const mean = (j: number) =>
      spikes.subarray(j * area, (j + 1) * area).reduce((sum, s) => sum + s, 0) / area;
    return Float64Array.from({ length: INPUTS }, (_, j) => mean(j));
  });
}

/** The spikes through normal weights. @param bias what flows at every step beside them */
function weighted(
  trains: readonly Float64Array[],
  size: number,
  gauss: () => number,
  bias: (weights: Float64Array) => number,
): Float64Array[] {
  const currents = trains.map(() => new Float64Array(size));
  for (let i = 0; i < size; i++) {
    const weights = Float64Array.from({ length: INPUTS }, () => gauss());
    const constant = bias(weights);
    trains.forEach((spikes, t) => {
      let sum = constant;
      for (let j = 0; j < INPUTS; j++) sum += weights[j]! * spikes[j]!;
      currents[t]![i] = sum;
    });
  }
  return currents;
}

/** What currents or spikes add up to over their window. */
function carried({ beta }: Code, z: readonly Float64Array[]): Float64Array {
  return z.reduce(
    (h, current) => h.map((value, i) => beta * value + current[i]!),
    new Float64Array(z[0]!.length),
  );
}

function scaled(code: Code, currents: readonly Float64Array[]): Input {
  const arrived = carried(code, currents);
  const deviation = Math.sqrt(arrived.reduce((power, v) => power + v * v, 0) / arrived.length);
  const inUnits = currents.map((current) => current.map((v) => v / deviation));
  return { currents: inUnits, arrived: carried(code, inUnits) };
}
