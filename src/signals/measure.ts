// What an encoding costs and loses.
import { compute45nm } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import { decodeSignal, layoutOf, type SignalEncoding } from './encoding.ts';
import type { Signal } from './signal.ts';
import type { Arithmetic } from './signal-encoder.ts';

export interface EncodingMetrics {
  /** Mean square error of the reconstruction, in the squared unit of the signal; the mean over features. */
  readonly mse: number;
  /** The same divided by the variance of the feature, the mean over features; null where all are constant. */
  readonly relativeMse: number | null;
  readonly spikes: number;
  /** Spikes for each sample of each feature, those of all its channels together. */
  readonly spikesPerSample: number;
  /** Fraction of positions (channels, steps) without a spike. */
  readonly sparsity: number;
  readonly arithmetic: Arithmetic;
  /** Of encoding, by that arithmetic at 45 nm: 0.9 pJ an addition, 3.7 pJ a multiplication. Memory is not counted. */
  readonly energyNj: number;
}

export interface MeasuredEncoding {
  /** Signal, spikes and reconstruction: what a plot shows. */
  readonly signal: Signal;
  readonly encoding: SignalEncoding;
  readonly reconstruction: Signal;
  readonly metrics: EncodingMetrics;
  /** Mean square error of each feature. */
  readonly mseOfFeatures: readonly number[];
}

/** Decodes an encoding of `signal` and measures both. All figures are deterministic. */
export function measureEncoding(signal: Signal, encoding: SignalEncoding): MeasuredEncoding {
  const reconstruction = decodeSignal(encoding);
  const mseOfFeatures = signal.features.map(({ values }, f) =>
    meanSquareError(reconstruction.features[f]!.values, values),
  );
  const relative = signal.features.flatMap(({ values }, f) => {
    const variance = varianceOf(values);
    return variance > 0 ? mseOfFeatures[f]! / variance : [];
  });
  const counts = encoding.spikes.map((train) => train.reduce((sum, s) => sum + Math.abs(s), 0));
  const spikes = sum(counts);
  const samples = signal.features.length * signal.time;
  const { channels, steps } = layoutOf(encoding);
  const arithmetic = counts
    .map((count, f) => encoding.encoder.arithmetic(signal.time, count, encoding.features[f]!.values))
    .reduce((a, b) => ({
      additions: a.additions + b.additions,
      multiplications: a.multiplications + b.multiplications,
    }));
  const metrics = {
    mse: mean(mseOfFeatures),
    relativeMse: relative.length === 0 ? null : mean(relative),
    spikes,
    spikesPerSample: spikes / samples,
    sparsity: 1 - spikes / (samples * channels * steps),
    arithmetic,
    energyNj: energyNj(arithmetic),
  };
  return { signal, encoding, reconstruction, metrics, mseOfFeatures };
}

/** Mean of (a - b)^2. */
export function meanSquareError(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let t = 0; t < a.length; t++) total += (a[t]! - b[t]!) ** 2;
  return total / a.length;
}

/** A multiply-accumulate of the model is one multiplication and one addition. */
function energyNj({ additions, multiplications }: Arithmetic): number {
  const operations = { macs: multiplications, acs: additions - multiplications };
  return energyMj(compute45nm, operations) * 1e6;
}

function varianceOf(values: Float64Array): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

function mean(values: readonly number[] | Float64Array): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[] | Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
