// The grid that the ANN's input quantizer rounds pixels to, before they are encoded.
import { roundHalfEven } from '../tensor/grid.ts';

/** scale * q with whole q from low to high; one scale for the whole image. */
export interface InputGrid {
  readonly scale: number;
  readonly low: number;
  readonly high: number;
}

/** min(max(round(x / scale), low), high), ties to even, as ONNX quantizes: whole numbers in units of `scale`. */
export function quantized(values: Float32Array, { scale, low, high }: InputGrid): Float32Array {
  return values.map((x) => Math.min(Math.max(roundHalfEven(Math.fround(x / scale)), low), high));
}
