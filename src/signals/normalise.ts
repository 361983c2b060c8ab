// Values to the unit interval and back.
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** (x - low) / (high - low); 0 where the range is a point. What lies outside the range stays outside [0, 1]. */
export function toUnit(signal: Float64Array, { low, high }: Range): Float64Array {
  return high > low ? signal.map((x) => (x - low) / (high - low)) : new Float64Array(signal.length);
}

/** low + u (high - low) */
export function fromUnit(unit: Float64Array, { low, high }: Range): Float64Array {
  return unit.map((u) => low + u * (high - low));
}

/** Minimum and maximum. */
export function rangeOf(signal: Float64Array): Range {
  let [low, high] = [signal[0]!, signal[0]!];
  for (const x of signal) {
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return { low, high };
}
