// The low-pass filter of Ben's spiker algorithm.

/**
 * Taps of a low-pass filter by the window method: an ideal low-pass impulse response under a Hamming window, scaled to a
 * gain of 1 at frequency 0 (SciPy's firwin with its defaults).
 * @param order number of taps - 1
 * @param cutoff in cycles per sample, above 0 and below 1/2
 */
export function lowPassTaps(order: number, cutoff: number): Float64Array {
  const taps = Float64Array.from({ length: order + 1 }, (_, k) => {
    const offset = k - order / 2;
    const ideal = offset === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * offset) / (Math.PI * offset);
    return ideal * (order === 0 ? 1 : 0.54 - 0.46 * Math.cos((2 * Math.PI * k) / order));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}
