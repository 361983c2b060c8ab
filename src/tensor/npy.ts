// NumPy's .npy files: a magic number, a header that is a Python dictionary, and the elements.
import { Ann2SnnError } from '../errors.ts';
import { gatherIndex } from './broadcast.ts';
import { decodeElements, elementSize, encodeElements } from './npy-elements.ts';
import { DTYPES, type Shape, showShape, sizeOf, type Tensor } from './tensor.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** The header is padded so that the elements begin at a multiple of this many bytes. */
const ALIGNMENT = 64;

/** The longest header that is read, as in NumPy: searching a longer one would take long. */
const LONGEST_HEADER = 10_000;

interface Header {
  readonly description: string;
  readonly fortranOrder: boolean;
  readonly shape: Shape;
  /** Where the elements begin, in bytes. */
  readonly offset: number;
}

/**
 * Reads a .npy file (format 1 to 3, either byte order, C or Fortran order) into a row-major tensor.
 * float16 becomes float32; 64-bit integers are held as float64.
 * @param where what the messages call the file
 * @throws Ann2SnnError `invalid-data` or `unsupported-type`
 */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const { description, fortranOrder, shape, offset } = readHeader(bytes, where);
  const expected = sizeOf(shape) * elementSize(description, where);
  if (bytes.length - offset !== expected) {
    refuse(
      where,
      `expected ${expected} bytes for shape ${showShape(shape)} of type "${description}", found ${bytes.length - offset}`,
    );
  }
  const stored = { shape, ...decodeElements(description, bytes.subarray(offset), where) };
  return fortranOrder && shape.length > 1 ? fromFortranOrder(stored) : stored;
}

/**
 * The length in bytes of the whole .npy file that `start` is the beginning of, as its header implies.
 * @throws Ann2SnnError `invalid-data` or `unsupported-type`
 */
export function npyLength(start: Uint8Array, where: string): number {
  const { description, shape, offset } = readHeader(start, where);
  return offset + sizeOf(shape) * elementSize(description, where);
}

/** Writes a .npy file: format 1, little endian, C order. Equal tensors give equal bytes. */
export function writeNpy(source: Tensor): Uint8Array {
  const { description, bytes } = encodeElements(source);
  const shape = source.shape.length === 1 ? `${source.shape[0]},` : source.shape.join(', ');
  const text = `{'descr': '${description}', 'fortran_order': False, 'shape': (${shape}), }`;
  const offset = Math.ceil((MAGIC.length + 4 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(offset + bytes.length).fill(0x20, 0, offset);
  out.set([...MAGIC, 1, 0]);
  new DataView(out.buffer).setUint16(MAGIC.length + 2, offset - MAGIC.length - 4, true);
  out.set(new TextEncoder().encode(text), MAGIC.length + 4);
  out[offset - 1] = 0x0a;
  out.set(bytes, offset);
  return out;
}

function readHeader(bytes: Uint8Array, where: string): Header {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse(where, 'expected a .npy file, found other bytes at its start');
  }
  const version = bytes[MAGIC.length]!;
  if (version < 1 || version > 3) {
    refuse(where, `expected .npy format 1, 2 or 3, found ${version}.${bytes[MAGIC.length + 1]}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const offset = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (offset > bytes.length) {
    refuse(where, `expected a .npy header of ${offset} bytes, found the end of the file at ${bytes.length}`);
  }
  if (offset - start > LONGEST_HEADER) {
    refuse(where, `expected a .npy header of at most ${LONGEST_HEADER} bytes, found ${offset - start}`);
  }
  const text = new TextDecoder().decode(bytes.subarray(start, offset)).trim();
  const description = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[.*?\])\s*,)/.exec(text);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (description === null || order === undefined || shape === undefined) {
    refuse(where, `expected a .npy header with descr, fortran_order and shape, found ${text.slice(0, 200)}`);
  }
  return {
    description: description[1] ?? description[2]!,
    fortranOrder: order === 'True',
    shape: (shape.match(/\d+/g) ?? []).map(Number),
    offset,
  };
}

function fromFortranOrder(stored: Tensor): Tensor {
  let stride = 1;
  const strides = stored.shape.map((dim) => {
    const own = stride;
    stride *= dim;
    return own;
  });
  const index = gatherIndex(stored.shape, strides);
  const data = new DTYPES[stored.dtype](index.length);
  for (let i = 0; i < index.length; i++) data[i] = stored.data[index[i]!]!;
  return { ...stored, data };
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-data', { where, message });
}
