// One TensorProto to a tensor: bytes in the file, numbers in typed fields, or bytes in a file beside it.
// Raw bytes are little endian, as are all machines that Node and ONNX Runtime are built for together.
import { Ann2SnnError } from '../errors.ts';
import { widenBfloat16, widenFloat16 } from '../tensor/half.ts';
import { DTYPES, type DType, showShape, sizeOf, type Tensor, type TypedArray } from '../tensor/tensor.ts';
import { type ElementType, elementType, unsupportedElement } from './element-types.ts';
import type { TensorProto } from './generated/onnx.js';
import { numberOf } from './int64.ts';
import { type ExternalFiles, readExternal } from './read-external.ts';

const EXTERNAL = 1;

/**
 * Reads a tensor; the result shares no memory with the file.
 * @param where names the tensor in errors.
 * @throws Ann2SnnError `unsupported-type`, `invalid-weights` or `external-data`.
 */
export function readTensor(proto: TensorProto, where: string, external?: ExternalFiles): Tensor {
  const type = elementType(proto.dataType);
  if (type === undefined) {
    throw new Ann2SnnError('unsupported-type', { where, message: unsupportedElement(proto.dataType) });
  }
  const shape = proto.dims.map(numberOf);
  const size = sizeOf(shape);
  const bytes = Math.ceil(size * type.bytes);
  if (shape.some((dim) => dim < 0) || !Number.isSafeInteger(bytes)) {
    throw invalid(where, `expected a shape of whole numbers, found ${showShape(shape)}`);
  }
  const raw = proto.dataLocation === EXTERNAL ? readExternal(proto, bytes, where, external) : proto.rawData;
  const isRaw = proto.dataLocation === EXTERNAL || raw.length > 0;
  const [expected, found] = isRaw
    ? [bytes, raw.length]
    : [type.bytes < 1 ? bytes : size, typedField(proto, type).length];
  if (found !== expected) {
    const unit = isRaw ? 'bytes' : 'values';
    throw invalid(
      where,
      `expected ${expected} ${unit} of ${type.name} for shape ${showShape(shape)}, found ${found} ${unit}`,
    );
  }
  const data = isRaw ? fromBytes(raw, type, size) : fromNumbers(typedField(proto, type), type, size, where);
  return { dtype: type.dtype, shape, data };
}

function fromBytes(bytes: Uint8Array, type: ElementType, size: number): TypedArray {
  if (type.bytes < 1) return fromNibbles(bytes, type, size);
  // Copied also because a view into the file may start at an odd offset.
  const buffer = new Uint8Array(bytes).buffer;
  if (type.half !== undefined) return widen(new Uint16Array(buffer), type.half);
  if (type.dtype === 'int64' || type.dtype === 'uint64') return joinWords(buffer, type.dtype);
  if (type.dtype === 'bool') return new Uint8Array(buffer).map((byte) => (byte === 0 ? 0 : 1));
  return new DTYPES[type.dtype](buffer);
}

/** Two elements of a byte, the first in its low half; what is left over of an odd number is padding. */
function fromNibbles(bytes: Uint8Array, { dtype }: ElementType, size: number): TypedArray {
  const out = new DTYPES[dtype](size);
  for (let i = 0; i < size; i++) {
    const nibble = (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
    out[i] = dtype === 'int4' && nibble > 7 ? nibble - 16 : nibble;
  }
  return out;
}

function joinWords(buffer: ArrayBuffer, dtype: 'int64' | 'uint64'): Float64Array {
  const low = new Uint32Array(buffer);
  const high = dtype === 'int64' ? new Int32Array(buffer) : low;
  const out = new Float64Array(low.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!;
  return out;
}

/** The field that holds the numbers of a tensor that has no bytes. */
function typedField(proto: TensorProto, type: ElementType): TensorProto['floatData' | 'int64Data'] {
  if (type.half !== undefined) return proto.int32Data;
  switch (type.dtype) {
    case 'float32':
      return proto.floatData;
    case 'float64':
      return proto.doubleData;
    case 'int64':
      return proto.int64Data;
    case 'uint64':
    case 'uint32':
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

function fromNumbers(
  values: TensorProto['int64Data'],
  type: ElementType,
  size: number,
  where: string,
): TypedArray {
  if (type.bytes < 1) {
    // A byte of two may be written as a signed number.
    const bytes = values.map(numberOf);
    const wrong = bytes.find((value) => value < -128 || value > 255);
    if (wrong !== undefined) throw invalid(where, `expected bytes of two ${type.name}, found ${wrong}`);
    return fromNibbles(Uint8Array.from(bytes), type, size);
  }
  const stored: DType | 'half' = type.half === undefined ? type.dtype : 'half';
  const out = stored === 'half' ? new Uint16Array(values.length) : new DTYPES[stored](values.length);
  for (let i = 0; i < out.length; i++) {
    const value = numberOf(values[i]!);
    out[i] = stored === 'bool' && value !== 0 ? 1 : value;
    const fits = out[i] === value || stored === 'bool' || stored === 'float32' || stored === 'float64';
    if (!fits) throw invalid(where, `expected values of ${type.name}, found ${value}`);
  }
  return type.half === undefined ? out : widen(out as Uint16Array, type.half);
}

function widen(bits: Uint16Array, half: 'float16' | 'bfloat16'): Float32Array {
  return half === 'float16' ? widenFloat16(bits) : widenBfloat16(bits);
}

function invalid(where: string, message: string): Ann2SnnError {
  return new Ann2SnnError('invalid-weights', { where, message });
}
