// Where to end a code: the clip that loses least between saturation above it and coarser steps below.
import type { Histogram } from './histogram.ts';
import { percentile } from './histogram.ts';

/** Percentiles that are tried as clips, besides the maximum. */
const TRIED = [
  ...Array.from({ length: 20 }, (_, i) => 98 + i / 10),
  ...[99.95, 99.97, 99.98, 99.99, 99.995, 99.998, 99.999],
];

/**
 * The clip c with the least mean squared error of values rounded to `levels` steps of c / levels and cut off at c:
 * mean of min(0, c - |x|)^2 plus (c / levels)^2 / 12 for every value that is not 0.
 */
export function mseClip(histogram: Histogram, levels: number): number {
  const { counts, count, zeros, max } = histogram;
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const filled: { readonly value: number; readonly count: number }[] = [];
  const width = Math.round(0x7f800000 / counts.length);
  counts.forEach((number, bucket) => {
    if (number === 0) return;
    bits[0] = bucket * width + width / 2;
    filled.push({ value: Math.min(float[0]!, max), count: number });
  });
  const error = (clip: number) => {
    const rounding = (clip / levels) ** 2 / 12;
    const cut = filled.reduce((sum, { value, count: n }) => sum + n * Math.max(0, value - clip) ** 2, 0);
    return cut + rounding * (count - zeros);
  };
  const clips = [...new Set([...TRIED.map((p) => percentile(histogram, p)), max])].filter((clip) => clip > 0);
  return clips.reduce((best, clip) => (error(clip) < error(best) ? clip : best), max);
}
