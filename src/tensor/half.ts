// The two 16-bit float formats, as bit patterns. Widening to float32 is exact, since float32 holds every value of both.

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

/** IEEE binary16 bit patterns of numbers, rounded half to even; overflow becomes infinity. */
export function narrowFloat16(values: ArrayLike<number>): Uint16Array {
  return Uint16Array.from(values, halfBits);
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

function halfBits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00 | (exponent === 143 && mantissa !== 0 ? 0x200 : 0);
  if (exponent <= 0) {
    const shift = 14 - exponent;
    if (shift > 24) return sign;
    return sign | roundShift(mantissa | 0x800000, shift);
  }
  return sign + roundShift((exponent << 23) | mantissa, 13);
}

function roundShift(value: number, shift: number): number {
  const half = 2 ** (shift - 1);
  const kept = Math.floor(value / (half * 2));
  const rest = value - kept * half * 2;
  return kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0);
}
