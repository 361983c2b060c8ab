// Widening of the two 16-bit float formats to float32; exact, since float32 holds every value of both.

/** Widens IEEE binary16 bit patterns. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = bits[i]! & 0x8000 ? -1 : 1;
    const exponent = (bits[i]! >> 10) & 0x1f;
    const fraction = bits[i]! & 0x3ff;
    if (exponent === 0) out[i] = sign * fraction * 2 ** -24;
    else if (exponent === 31) out[i] = fraction === 0 ? sign * Infinity : NaN;
    else out[i] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return out;
}

/** Widens bfloat16 bit patterns: they are the upper half of a float32. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}
