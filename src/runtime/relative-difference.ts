// How far two arrays of numbers are from each other, and how far they may be.
import type { Problem } from '../errors.ts';

/** How far one output of the normalised graph is from the file's. */
export interface OutputDifference {
  readonly output: string;
  /** max|a-b| / max|a|, or of a quantizer the fraction of integers that differ. */
  readonly relative: number;
}

/** Largest max|a-b| / max|a| of an output that counts as the same function in float32. */
export const EQUIVALENCE_TOLERANCE = 1e-4;

/** What is said of a value that differs by more than `tolerance`. */
export function notEqual({ output, relative }: OutputDifference, tolerance: number): Problem {
  return {
    where: `value "${output}"`,
    message: `expected the normalised graph to equal the file within ${tolerance}, found max|a-b|/max|a| = ${relative.toPrecision(3)}`,
  };
}

/** max|a-b| / max|a|; NaN where either holds NaN, so that it never passes. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(gap)) return Number.NaN;
    if (gap > difference) difference = gap;
    const magnitude = Math.abs(a[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return difference === 0 ? 0 : difference / largest;
}
