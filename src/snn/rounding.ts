// "o >= threshold" as arithmetic: round(clip(o * c, -1, 1)) is the ternary decision for a suitable c.
// ONNX Runtime runs Mul, Clip and Round as three vector passes (2.0 ns per neuron and step, with the rest of the
// update) where two comparisons, two casts and a subtraction cost 2.9; Sign and Shrink are slower still.

const { fround } = Math;

/**
 * The smallest float32 factor c for which, with float32 multiplication and rounding half to even,
 * round(clip(o c, -1, 1)) is +1 for o >= threshold and -1 for o <= -threshold. It is 0 for every other float32 o,
 * save that for one threshold in six the float just below it (2^-24 of it away) fires too; for phi = 1/2, 2/3, 3/5,
 * 5/8, 3/4 and 1 times a power of two, which is all of beta = 2, the decision is exact.
 * Multiplication by c > 0 is monotonic, so the neighbours at the threshold decide for all.
 * @param threshold positive float32
 */
export function decisionFactor(threshold: number): number {
  let factor = fround(0.5 / threshold);
  while (fround(threshold * factor) > 0.5) factor = previousFloat(factor);
  while (!(fround(threshold * factor) > 0.5)) factor = nextFloat(factor);
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
