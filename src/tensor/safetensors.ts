// The safetensors layout: 8 bytes of header length, a JSON header, raw little-endian data. Written so that the
// same content gives the same bytes; read without trusting a single number in the header.
import { Ann2SnnError, messageOf } from '../errors.ts';
import { parseJson } from '../json.ts';
import { DTYPES, type DType, sizeOf, type Tensor } from './tensor.ts';

const NAMES: Partial<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int8: 'I8',
  uint8: 'U8',
  int16: 'I16',
  uint16: 'U16',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
};
const DTYPE_OF = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as DType]));

/** Data starts at a multiple of this, so that typed arrays can view it. */
const ALIGNMENT = 8;

/** How a header begins. */
const BRACE = 0x7b;

/** Longer headers are another kind of file: the layout allows 100 MB. */
const MAX_HEADER = 100_000_000;

const CUT_OFF = 'the header announces more bytes than the file has: cut off?';

export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes tensors, largest element type first (so that all stay aligned) and by name within a type, and metadata. */
export function writeSafetensors({ tensors, metadata }: SafetensorsContent): Uint8Array {
  const entries = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [['__metadata__', metadata]];
  let offset = 0;
  for (const [name, value] of entries) {
    const dtype = NAMES[value.dtype];
    if (dtype === undefined) throw new RangeError(`safetensors has no type for ${value.dtype}`);
    const end = offset + value.data.byteLength;
    header.push([name, { dtype, shape: value.shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(json, 8);
  let position = 8 + length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Reads tensors and metadata.
 * @param where the file's name, for messages
 * @throws Ann2SnnError `invalid-network` when the header does not fit the bytes that are there.
 */
export function readSafetensors(bytes: Uint8Array, where: string): SafetensorsContent {
  const refuse: Refuse = (message, help) => {
    throw new Ann2SnnError('invalid-network', { where, message }, help === undefined ? {} : { help });
  };
  if (bytes.length < 8) refuse(`expected a safetensors header, found ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8 && bytes[8] === BRACE && length < MAX_HEADER)
    refuse(`expected a header of ${length} bytes, found ${bytes.length - 8}`, CUT_OFF);
  if (length > bytes.length - 8)
    refuse('expected a spiking network (safetensors layout), found another kind of file');
  const header = parseHeader(bytes.subarray(8, 8 + length), refuse);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    refuse('expected __metadata__ to hold strings');
  }
  const data = bytes.subarray(8 + length);
  const parsed = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, data.length, refuse));
  // Before anything is copied: overlapping tensors could ask for far more memory than the file has.
  const inOrder = parsed.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { begin, end } of inOrder) {
    if (begin !== reached)
      refuse(`expected tensors to follow each other, found a gap or overlap at byte ${begin}`);
    reached = end;
  }
  if (reached !== data.length) refuse(`expected ${reached} bytes of data, found ${data.length}`);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of parsed) {
    // A copy of its own: the file's bytes may be a view that is not aligned to the element type.
    const copy = new Uint8Array(data.subarray(begin, end));
    tensors.set(name, { dtype, shape, data: new DTYPES[dtype](copy.buffer) });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

type Refuse = (message: string, help?: string) => never;

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(header) ? header : refuse('expected the header to be a JSON object');
  } catch (error) {
    if (error instanceof Ann2SnnError) throw error;
    return refuse(`expected a JSON header: ${messageOf(error)}`);
  }
}

function parseEntry(name: string, entry: unknown, available: number, refuse: Refuse) {
  if (!isRecord(entry)) return refuse(`tensor "${name}": expected an object`);
  const { dtype: typeName, shape, data_offsets: offsets } = entry;
  const dtype = typeof typeName === 'string' ? DTYPE_OF.get(typeName) : undefined;
  if (dtype === undefined) return refuse(`tensor "${name}": unknown type ${JSON.stringify(typeName)}`);
  if (!isIndexList(shape)) return refuse(`tensor "${name}": expected a shape of whole numbers`);
  if (!isIndexList(offsets) || offsets.length !== 2) return refuse(`tensor "${name}": expected two offsets`);
  const [begin, end] = offsets as [number, number];
  const expected = sizeOf(shape) * DTYPES[dtype].BYTES_PER_ELEMENT;
  if (begin > end || end > available || end - begin !== expected) {
    return refuse(
      `tensor "${name}": expected ${expected} bytes within ${available}, found offsets ${begin} to ${end}`,
      end - begin === expected && end > available ? CUT_OFF : undefined,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIndexList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && (v as number) >= 0);
}
