// The element types of .npy files ("<f4", ">i8" ...): from bytes to typed arrays and back.
import { Ann2SnnError } from '../errors.ts';
import { widenFloat16 } from './half.ts';
import type { DType, Tensor, TypedArray } from './tensor.ts';

interface Element {
  readonly dtype: DType;
  readonly size: 1 | 2 | 4 | 8;
  /** `buffer` holds the elements in the byte order of this machine. */
  decode(buffer: ArrayBuffer, where: string): TypedArray;
}

const ELEMENTS: Readonly<Record<string, Element>> = {
  b1: { dtype: 'bool', size: 1, decode: (buffer) => new Uint8Array(buffer).map((v) => (v === 0 ? 0 : 1)) },
  u1: { dtype: 'uint8', size: 1, decode: (buffer) => new Uint8Array(buffer) },
  i1: { dtype: 'int8', size: 1, decode: (buffer) => new Int8Array(buffer) },
  u2: { dtype: 'uint16', size: 2, decode: (buffer) => new Uint16Array(buffer) },
  i2: { dtype: 'int16', size: 2, decode: (buffer) => new Int16Array(buffer) },
  u4: { dtype: 'uint32', size: 4, decode: (buffer) => new Uint32Array(buffer) },
  i4: { dtype: 'int32', size: 4, decode: (buffer) => new Int32Array(buffer) },
  u8: { dtype: 'uint64', size: 8, decode: (buffer, where) => exact(new BigUint64Array(buffer), where) },
  i8: { dtype: 'int64', size: 8, decode: (buffer, where) => exact(new BigInt64Array(buffer), where) },
  f2: { dtype: 'float32', size: 2, decode: (buffer) => widenFloat16(new Uint16Array(buffer)) },
  f4: { dtype: 'float32', size: 4, decode: (buffer) => new Float32Array(buffer) },
  f8: { dtype: 'float64', size: 8, decode: (buffer) => new Float64Array(buffer) },
};

/** How each element type of a tensor is written: little endian, its own width; .npy has none below a byte. */
const DESCRIPTIONS: Readonly<Record<DType, string>> = {
  bool: '|b1',
  uint8: '|u1',
  uint4: '|u1',
  int8: '|i1',
  int4: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  uint64: '<u8',
  int64: '<i8',
  float32: '<f4',
  float64: '<f8',
};

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes that one element takes. @throws Ann2SnnError `unsupported-type` for strings, objects, complex numbers ... */
export function elementSize(description: string, where: string): number {
  return elementOf(description, where).size;
}

/**
 * Reads elements packed as `description` says, for example ">i4"; `bytes` is a whole number of them.
 * float16 becomes float32. Nothing is shared with `bytes`.
 * @throws Ann2SnnError `unsupported-type`, or `invalid-data` for 64-bit integers beyond 2^53.
 */
export function decodeElements(
  description: string,
  bytes: Uint8Array,
  where: string,
): { readonly dtype: DType; readonly data: TypedArray } {
  const element = elementOf(description, where);
  const own = new Uint8Array(bytes);
  toByteOrder(own, element.size, !description.startsWith('>'));
  return { dtype: element.dtype, data: element.decode(own.buffer, where) };
}

/** The elements of a tensor as little-endian bytes, and the description that goes with them. */
export function encodeElements(source: Tensor): { readonly description: string; readonly bytes: Uint8Array } {
  const description = DESCRIPTIONS[source.dtype];
  const values =
    source.dtype === 'int64'
      ? BigInt64Array.from(source.data as Float64Array, toExactInteger)
      : source.dtype === 'uint64'
        ? BigUint64Array.from(source.data as Float64Array, toExactInteger)
        : source.data;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  toByteOrder(bytes, values.BYTES_PER_ELEMENT, true);
  return { description, bytes };
}

function elementOf(description: string, where: string): Element {
  const key = /^[<>|]?([a-z]\d)$/.exec(description)?.[1];
  const element = key === undefined ? undefined : ELEMENTS[key];
  if (element === undefined) {
    throw new Ann2SnnError('unsupported-type', {
      where,
      message: `expected elements of one of the types ${Object.keys(ELEMENTS).join(', ')}, found "${description}"`,
    });
  }
  return element;
}

/** Turns elements between this machine's byte order and the given one, in place; its own inverse. */
function toByteOrder(bytes: Uint8Array, size: number, littleEndian: boolean): void {
  if (littleEndian === HOST_IS_LITTLE_ENDIAN) return;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) view.swap16();
  if (size === 4) view.swap32();
  if (size === 8) view.swap64();
}

/** 64-bit integers as float64, refused where that would round them. */
function exact(values: BigInt64Array | BigUint64Array, where: string): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Number(values[i]!);
    if (!Number.isSafeInteger(out[i]!)) {
      throw new Ann2SnnError('invalid-data', {
        where,
        message: `expected integers below 2^53 in magnitude, found ${values[i]} at element ${i}`,
      });
    }
  }
  return out;
}

function toExactInteger(value: number): bigint {
  if (!Number.isSafeInteger(value))
    throw new RangeError(`${value} is not an integer below 2^53 in magnitude`);
  return BigInt(value);
}
