// Tensors whose values lie on a grid: what is left of a quantized tensor once it is read as the numbers it stands for.

/** value = scale * integer, with low <= integer <= high; the zero point is subtracted already: integer = q - Z. */
export interface Grid {
  /** Above 0; one number, or one for each index of `axis`. */
  readonly scale: readonly number[];
  readonly axis: number;
  readonly low: number;
  readonly high: number;
}

/** The scale of the element at flat index `i` of a tensor of `shape`. */
export function scaleAt({ scale, axis }: Grid, shape: readonly number[], i: number): number {
  if (scale.length === 1) return scale[0]!;
  let inner = 1;
  for (let a = axis + 1; a < shape.length; a++) inner *= shape[a]!;
  return scale[Math.floor(i / inner) % shape[axis]!]!;
}

/** "scale 0.0625000", or how many there are. */
export function showScale({ scale }: Grid): string {
  return scale.length === 1 ? `scale ${scale[0]!.toPrecision(6)}` : `${scale.length} scales`;
}

/** The nearest whole number, the even one of two as near: how ONNX quantizes. */
export function roundHalfEven(x: number): number {
  const rounded = Math.round(x);
  // Math.round takes ties up.
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
