// The tensor that every stage passes on: a flat typed array, its shape and its element type. Row-major, no views.
import type { Grid } from './grid.ts';

/**
 * Element types. `int64` and `uint64` are held as float64, exact up to 2^53 (a graph's shapes and
 * indices never leave that; the "to the end" markers of Slice round to 2^63, which clamps alike).
 * float16 and bfloat16 are widened to `float32` on reading, int4 and uint4 take a byte each.
 */
export const DTYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int4: Int8Array,
  uint4: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  bool: Uint8Array,
} as const;

export type DType = keyof typeof DTYPES;

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export type Shape = readonly number[];

/** A dense tensor. `data.length` is the product of `shape`; a scalar has shape []. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
  /** Where the values were quantized: the grid that they lie on. */
  readonly grid?: Grid;
}

/** A tensor whose elements are float32: what runs through kernels. */
export interface FloatTensor extends Tensor {
  readonly dtype: 'float32';
  readonly data: Float32Array;
}

/** Makes a tensor; without `data` it is filled with zeros. Throws RangeError when the sizes disagree. */
export function tensor(dtype: DType, shape: Shape, data?: TypedArray | readonly number[]): Tensor {
  const size = sizeOf(shape);
  const array =
    data === undefined
      ? new DTYPES[dtype](size)
      : ArrayBuffer.isView(data)
        ? (data as TypedArray)
        : DTYPES[dtype].from(data as readonly number[]);
  if (array.length !== size) {
    throw new RangeError(`${array.length} values do not fill shape ${showShape(shape)}`);
  }
  return { dtype, shape, data: array };
}

/** Makes a float32 tensor; without `data` it is filled with zeros. */
export function floatTensor(shape: Shape, data?: Float32Array | readonly number[]): FloatTensor {
  return tensor('float32', shape, data) as FloatTensor;
}

/** A one-dimensional int64 tensor: how ONNX writes shapes, axes and pads. */
export function indexTensor(values: readonly number[]): Tensor {
  return tensor('int64', [values.length], values);
}

/** Number of elements of a shape: the product of its dimensions, 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** Whether two tensors have the same type, shape and elements; a NaN is itself, 0 is not -0. */
export function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether elements of this type are floating point numbers. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** Converts the element type; floats going to integers are truncated toward zero, as ONNX Cast does. */
export function castTensor(source: Tensor, dtype: DType): Tensor {
  if (source.dtype === dtype) return source;
  const out = new DTYPES[dtype](source.data.length);
  if (dtype === 'bool') {
    for (let i = 0; i < out.length; i++) out[i] = source.data[i] === 0 ? 0 : 1;
  } else if (isFloat(source.dtype) && !isFloat(dtype)) {
    for (let i = 0; i < out.length; i++) out[i] = Math.trunc(source.data[i]!);
  } else {
    out.set(source.data);
  }
  return { dtype, shape: source.shape, data: out };
}
