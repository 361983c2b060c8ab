// "o >= threshold" as arithmetic: round(clip(o * c, -1, 1)) is exactly the ternary decision for a suitable c.
// ONNX Runtime runs Mul, Clip and Round as three vector passes (2.0 ns per neuron and step, with the rest of the
// update) where two comparisons, two casts and a subtraction cost 2.9; Sign and Shrink are slower still.

const { fround } = Math;

/**
 * The float32 factor c for which, with float32 multiplication and rounding half to even,
 * round(clip(o c, -1, 1)) = +1 for o >= threshold, -1 for o <= -threshold, and 0 between, for every float32 o.
 * Multiplication by c > 0 is monotonic, so the two neighbours at the threshold decide for all.
 * @param threshold positive float32
 */
export function decisionFactor(threshold: number): number {
  const below = previousFloat(threshold);
  let factor = fround(0.5 / threshold);
  for (let tries = 0; tries < 8; tries++) {
    const fires = fround(threshold * factor) > 0.5;
    const rests = fround(below * factor) <= 0.5;
    if (fires && rests) return factor;
    factor = fires ? previousFloat(factor) : nextFloat(factor);
  }
  throw new RangeError(`no float32 factor decides the threshold ${threshold} exactly`);
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
