// The members of a .npz file, which is a ZIP archive: where they lie, and their bytes checked by CRC-32.
// Read here rather than by a ZIP library so that damage is noticed and nothing inflates past its own header.
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { npyLength } from './npy.ts';

/** A member as the archive's directory lists it. */
export interface NpzMember {
  /** The name without ".npy". */
  readonly name: string;
  /** The unpacked length in bytes, as the directory says. */
  readonly size: number;
  /** The unpacked bytes of the .npy file. @throws Ann2SnnError `invalid-data` or `unsupported-type` */
  bytes(): Uint8Array;
}

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_SIZE = 22;
const DIRECTORY_SIZE = 46;
const LOCAL_SIZE = 30;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const ZIP64 = 0xffffffff;

/** Compressed bytes that surely hold a whole .npy header. */
const HEADER_PEEK = 4096;

/** Lists the members in the order of the archive's directory. @throws Ann2SnnError `invalid-data` */
export function listMembers(archive: Uint8Array, where: string): readonly NpzMember[] {
  const end = findEnd(archive, where);
  const count = end.getUint16(10, true);
  let position = end.getUint32(16, true);
  const members: NpzMember[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const entry = record(archive, position, DIRECTORY_SIZE, DIRECTORY_SIGNATURE, where);
    const nameLength = entry.getUint16(28, true);
    const start = position + DIRECTORY_SIZE;
    const name = new TextDecoder().decode(part(archive, start, nameLength, where)).replace(/\.npy$/, '');
    if (names.has(name)) refuse(where, `found two members called "${name}"`);
    names.add(name);
    members.push({ name, size: entry.getUint32(24, true), bytes: () => unpack(archive, entry, where, name) });
    position = start + nameLength + entry.getUint16(30, true) + entry.getUint16(32, true);
  }
  return members;
}

function findEnd(archive: Uint8Array, where: string): DataView {
  const first = Math.max(0, archive.length - END_SIZE - LONGEST_COMMENT);
  const view = viewOf(archive);
  for (let at = archive.length - END_SIZE; at >= first; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return viewOf(archive.subarray(at));
  }
  return refuse(
    where,
    'expected a .npz (ZIP) archive, found no directory at its end: another kind of file, or cut off',
  );
}

function unpack(archive: Uint8Array, entry: DataView, whole: string, name: string): Uint8Array {
  const where = `${whole}/${name}.npy`;
  const method = entry.getUint16(10, true);
  const [packedSize, size, position] = [20, 24, 42].map((at) => entry.getUint32(at, true)) as [
    number,
    number,
    number,
  ];
  if (entry.getUint16(8, true) & ENCRYPTED) refuse(where, 'expected plain bytes, found an encrypted member');
  if ([packedSize, size, position].includes(ZIP64))
    refuse(where, 'expected a member below 4 GiB, found a ZIP64 entry');
  const local = record(archive, position, LOCAL_SIZE, LOCAL_SIGNATURE, where);
  const start = position + LOCAL_SIZE + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = part(archive, start, packedSize, where);
  if (method !== STORED && method !== DEFLATED) {
    refuse(where, `expected a stored or deflated member, found ZIP compression method ${method}`);
  }
  const bytes = method === STORED ? packed : inflate(packed, size, where);
  if (bytes.length !== size) refuse(where, `expected ${size} bytes, found ${bytes.length}`);
  if (crc32(bytes) !== entry.getUint32(16, true))
    refuse(where, 'expected the recorded CRC-32, found another: the file is damaged');
  return bytes;
}

/** Inflates a member, but no further than its own header and the directory say it reaches. */
function inflate(packed: Uint8Array, size: number, where: string): Uint8Array {
  try {
    const start = inflateRawSync(packed.subarray(0, HEADER_PEEK), { finishFlush: constants.Z_SYNC_FLUSH });
    const length = npyLength(start, where);
    if (length !== size) refuse(where, `expected ${size} bytes, found a header of ${length}`);
    return inflateRawSync(packed, { maxOutputLength: length });
  } catch (error) {
    if (error instanceof Ann2SnnError) throw error;
    throw new Ann2SnnError(
      'invalid-data',
      {
        where,
        message: `expected deflated bytes as long as the header implies, found otherwise (${messageOf(error)})`,
      },
      { cause: error },
    );
  }
}

function record(
  archive: Uint8Array,
  position: number,
  size: number,
  signature: number,
  where: string,
): DataView {
  const view = viewOf(part(archive, position, size, where));
  if (view.getUint32(0, true) !== signature)
    refuse(where, `expected a ZIP record at byte ${position}, found other bytes`);
  return view;
}

function part(archive: Uint8Array, start: number, length: number, where: string): Uint8Array {
  if (start + length > archive.length) {
    refuse(where, `expected ${start + length} bytes or more, found ${archive.length}: the file is cut off`);
  }
  return archive.subarray(start, start + length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-data', { where, message });
}
