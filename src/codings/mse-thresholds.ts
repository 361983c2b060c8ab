// Thresholds with the smallest error: each layer's activations against what T spikes can say of them.
import { eachValue, type Histogram } from '../calibration/histogram.ts';
import type { LayerAmplitudes } from './baseline-coding.ts';
import { layerHistograms } from './layer-values.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';
import { atMost } from './thresholds.ts';

/** Candidates are max (1 - 0.01 i). */
const CANDIDATES = 95;

/**
 * argmin over V of the mean of (x - floor(clip(x T / V, 0, T)) V / T)^2, V = max (1 - 0.01 i), i = 0..94 (Li et al. 2021, the
 * search in its code).
 */
export async function mseThresholds(subject: CodingSubject, T: number): Promise<LayerAmplitudes> {
  const histograms = await layerHistograms(subject);
  return new Map(
    neuronsOf(subject).map((node) => [
      node.output,
      atMost(node, smallestError(histograms.get(node.output)!, T)),
    ]),
  );
}

/** The best V of a layer; 1 where it never was active. */
export function smallestError(histogram: Histogram, T: number): number {
  if (histogram.max === 0) return 1;
  const thresholds = Array.from({ length: CANDIDATES }, (_, i) => histogram.max * (1 - 0.01 * i));
  const errors = new Float64Array(CANDIDATES);
  eachValue(histogram, (value, count) => {
    thresholds.forEach((V, i) => {
      const said = (Math.floor(Math.min((value * T) / V, T)) * V) / T;
      errors[i]! += count * (value - said) ** 2;
    });
  });
  return thresholds[errors.indexOf(Math.min(...errors))]!;
}
