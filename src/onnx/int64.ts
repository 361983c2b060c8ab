// 64-bit integers of the codec as plain numbers, and back.
import type { Int64 } from './generated/onnx.js';

const TWO_32 = 2 ** 32;
const INT64_MAX = { low: -1, high: 0x7fffffff, unsigned: false };
const INT64_MIN = { low: 0, high: -0x80000000, unsigned: false };

/** The nearest float64: exact up to 2^53. */
export function numberOf(value: Int64): number {
  if (typeof value === 'number') return value;
  return (value.unsigned ? value.high >>> 0 : value.high) * TWO_32 + (value.low >>> 0);
}

/** The int64 nearest to an integral float64: INT64_MAX, read as 2^63, becomes INT64_MAX again. */
export function int64Of(value: number): Int64 {
  if (value >= 2 ** 63) return INT64_MAX;
  if (value <= -(2 ** 63)) return INT64_MIN;
  return value;
}
