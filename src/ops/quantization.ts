// The scale and zero point of a quantized operand: read, checked, and the grid that they make.
import type { OnnxNode } from '../onnx/model.ts';
import type { Grid } from '../tensor/grid.ts';
import { type DType, isFloat, type Shape, showShape } from '../tensor/tensor.ts';
import { type Fact, refuse } from './op.ts';
import { inputFact } from './operands.ts';

/** Ranges of the types that tensors are quantized to. */
const RANGES = {
  int4: [-8, 7],
  uint4: [0, 15],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
} as const satisfies Partial<Record<DType, readonly [number, number]>>;

export type QuantizedType = keyof typeof RANGES;

/** real value = scale * (q - zeroPoint); one of each, or one for each index of `axis`. */
export interface Quantization {
  readonly type: QuantizedType;
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

/** Whether elements of this type can be quantized values. */
export function isQuantizedType(dtype: DType): dtype is QuantizedType {
  return Object.hasOwn(RANGES, dtype);
}

/** Where a node has the parameters of one operand. */
export interface QuantizationInputs {
  readonly scale: number;
  readonly zeroPoint: number;
  /** What messages call the operand: "x", "its weights" ... */
  readonly what: string;
  /** The quantized type where there is no zero point to say it. */
  readonly type: DType;
  /** Shape of the quantized operand and the axis of one scale for each index. */
  readonly shape: Shape;
  readonly axis: number;
}

/**
 * Reads the quantization of one operand of a node.
 * @throws Ann2SnnError naming the node where the scale is computed, not above 0 or not finite, the zero point is of
 * another type or outside it, or there are not as many as the axis is long.
 */
export function quantizationOf(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  where: QuantizationInputs,
): Quantization {
  const scale = inputFact(node, inputs, where.scale, `the scale of ${where.what}`);
  const zero = inputs[where.zeroPoint];
  const fail = (
    message: string,
    code: 'invalid-graph' | 'unsupported-type' | 'dynamic-shape' = 'invalid-graph',
  ) => refuse(node.name, `${node.opType}: ${message}`, code);
  for (const [fact, what] of [
    [scale, 'scale'],
    [zero, 'zero point'],
  ] as const) {
    if (fact !== undefined && fact.value === undefined) {
      fail(`expected a constant ${what} of ${where.what}, found it computed from the data`, 'dynamic-shape');
    }
  }
  if (!isFloat(scale.dtype)) fail(`expected a floating point scale of ${where.what}, found ${scale.dtype}`);
  const type = zero?.dtype ?? where.type;
  if (!isQuantizedType(type)) {
    return fail(
      `expected ${where.what} to be of type ${Object.keys(RANGES).join(', ')}, found ${type}`,
      'unsupported-type',
    );
  }
  const scales = [...scale.value!.data];
  const wrong = scales.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) fail(`expected scales of ${where.what} above 0, found ${wrong}`);
  const zeros = zero === undefined ? scales.map(() => 0) : [...zero.value!.data];
  const [low, high] = RANGES[type];
  const outside = zeros.find((value) => !(value >= low && value <= high));
  if (outside !== undefined) {
    fail(`expected zero points of ${where.what} from ${low} to ${high} (${type}), found ${outside}`);
  }
  if (zeros.length !== scales.length) {
    fail(`expected as many zero points of ${where.what} as scales, ${scales.length}, found ${zeros.length}`);
  }
  if (scales.length > 1 && where.shape[where.axis] !== scales.length) {
    fail(
      `expected ${where.shape[where.axis] ?? 1} scales of ${where.what} along axis ${where.axis} of ${showShape(where.shape)}, found ${scales.length}`,
    );
  }
  return { type, scale: scales, zeroPoint: zeros, axis: where.axis };
}

/** The grid of a quantization whose zero points are all one, or undefined where they differ. */
export function gridOf({ type, scale, zeroPoint, axis }: Quantization): Grid | undefined {
  const [low, high] = RANGES[type];
  const zero = zeroPoint[0]!;
  if (zeroPoint.some((value) => value !== zero)) return undefined;
  return { scale, axis, low: low - zero, high: high - zero };
}

/** The grid of a quantization of constants: each channel's own zero point is subtracted, the range covers them all. */
export function coveringGrid({ type, scale, zeroPoint, axis }: Quantization): Grid {
  const [low, high] = RANGES[type];
  return { scale, axis, low: low - Math.max(...zeroPoint), high: high - Math.min(...zeroPoint) };
}

/** The least and the largest integer of a type. */
export function rangeOf(type: QuantizedType): readonly [number, number] {
  return RANGES[type];
}

/** "uint8, scale 0.1, zero point 3", or how many there are and how far they reach. */
export function showQuantization({ type, scale, zeroPoint, axis }: Quantization): string {
  const some = (what: string, values: readonly number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)].map(shortest);
    if (least === most && (what === 'zero point' || values.length === 1)) return `${what} ${least}`;
    return `${values.length} ${what}s ${least} to ${most} along axis ${axis}`;
  };
  return `${type}, ${some('scale', scale)}, ${some('zero point', zeroPoint)}`;
}

/** The shortest decimal of a number that is read as the same float32. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = `${Number(value.toPrecision(digits))}`;
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return `${Number(value.toPrecision(9))}`;
}

/** Whether both read the same numbers. */
export function sameQuantization(a: Quantization, b: Quantization): boolean {
  const same = (x: readonly number[], y: readonly number[]) =>
    x.length === y.length && x.every((value, i) => value === y[i]);
  return (
    a.type === b.type &&
    same(a.scale, b.scale) &&
    same(a.zeroPoint, b.zeroPoint) &&
    (a.scale.length === 1 || a.axis === b.axis)
  );
}
