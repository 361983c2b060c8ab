// "o >= threshold" as arithmetic: round(clip(o * c, -1, 1)) is the ternary decision for a suitable c.
// ONNX Runtime runs Mul, Clip and Round as three vector passes (2.0 ns per neuron and step, with the rest of the
// update) where two comparisons, two casts and a subtraction cost 2.9; Sign and Shrink are slower still.

/** A floating point format: how it rounds, and the neighbours of a positive number. */
interface Format {
  readonly round: (x: number) => number;
  readonly next: (x: number) => number;
  readonly previous: (x: number) => number;
}

/**
 * The smallest factor c for which, with multiplication in the format and rounding half to even,
 * round(clip(o c, -1, 1)) is +1 for o >= threshold and -1 for o <= -threshold. It is 0 for every other o, save that
 * for one threshold in six the float just below it (2^-24 of it away, in float64 2^-53) fires too; for phi = 1/2,
 * 2/3, 3/5, 5/8 and 1 (in float32 also 3/4) times a power of two, as thresholds are at beta = 2, the decision is exact.
 * Multiplication by c > 0 is monotonic, so the neighbours at the threshold decide for all.
 * @param threshold positive, in the format
 */
export function decisionFactor(threshold: number, format: 'float32' | 'float64' = 'float32'): number {
  const { round, next, previous } = FORMATS[format];
  let factor = round(0.5 / threshold);
  while (round(threshold * factor) > 0.5) factor = previous(factor);
  while (!(round(threshold * factor) > 0.5)) factor = next(factor);
  return factor;
}

const value = new Float32Array(1);
const bits = new Uint32Array(value.buffer);

/** The next float32 above a positive one. */
export function nextFloat(x: number): number {
  value[0] = x;
  bits[0]!++;
  return value[0]!;
}

/** The next float32 below a positive one. */
export function previousFloat(x: number): number {
  value[0] = x;
  bits[0]!--;
  return value[0]!;
}

const double = new Float64Array(1);
const doubleBits = new BigUint64Array(double.buffer);

/** The next float64 above a positive one. */
export function nextDouble(x: number): number {
  double[0] = x;
  doubleBits[0]!++;
  return double[0]!;
}

/** The next float64 below a positive one. */
export function previousDouble(x: number): number {
  double[0] = x;
  doubleBits[0]!--;
  return double[0]!;
}

const FORMATS: Readonly<Record<'float32' | 'float64', Format>> = {
  float32: { round: Math.fround, next: nextFloat, previous: previousFloat },
  float64: { round: (x) => x, next: nextDouble, previous: previousDouble },
};
