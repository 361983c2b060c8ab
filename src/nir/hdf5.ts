// HDF5 files as trees of groups and datasets; the only user of h5wasm. Its build for browsers keeps its files in memory, also
// in Node: nothing is written beside the user's files, and links of a hostile file lead nowhere.
import { Ann2SnnError, messageOf } from '../errors.ts';
import { type DType, sizeOf, type Tensor, type TypedArray, tensor } from '../tensor/tensor.ts';

/** Strings of variable length in UTF-8; a scalar has shape []. */
export interface Hdf5Strings {
  readonly dtype: 'string';
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

export type Hdf5Dataset = Tensor | Hdf5Strings;

/** A group: its members by name. */
export type Hdf5Group = ReadonlyMap<string, Hdf5Group | Hdf5Dataset>;

type H5wasm = typeof import('h5wasm');
type Group = InstanceType<H5wasm['Group']>;
type Dataset = InstanceType<H5wasm['Dataset']>;

const FILE_TYPES: Partial<Record<DType, string>> = {
  float32: '<f',
  float64: '<d',
  int8: '<b',
  uint8: '<B',
  int16: '<h',
  uint16: '<H',
  int32: '<i',
  uint32: '<I',
  int64: '<q',
};

/** Integers that HDF5 files have and a tensor holds. */
const INTEGERS: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64'];

/** Groups within groups that are read; NIR needs four for each level of subgraphs. */
const MOST_LEVELS = 32;
/** Groups and datasets that are read. */
const MOST_MEMBERS = 200_000;
/** No deflated byte stands for more than this many. */
const DEFLATE_LIMIT = 1032;
/** What small files may declare without holding it: HDF5 does not store what was never written. */
const FREE_BYTES = 2 ** 20;

/** Elements from which equal ones are deflated. */
const WORTH_DEFLATING = 256;

let files = 0;
let broken = 0;

/**
 * The bytes of an HDF5 file with these members, contiguous or, where all elements are equal, deflated; without attributes. The same tree gives the same
 * bytes: HDF5 stamps datasets with the time, so the clock stands still while it writes (nothing else runs meanwhile).
 */
export async function writeHdf5(root: Hdf5Group): Promise<Uint8Array> {
  const { h5wasm, FS } = await library();
  const path = `/${++files}.h5`;
  const now = Date.now;
  Date.now = () => 0;
  try {
    const file = new h5wasm.File(path, 'w');
    try {
      writeGroup(file, root);
    } finally {
      file.close();
    }
    return FS.readFile(path) as Uint8Array;
  } finally {
    Date.now = now;
    if (FS.analyzePath(path).exists) FS.unlink(path);
  }
}

function writeGroup(group: Group, members: Hdf5Group): void {
  for (const [name, member] of members) {
    if (member instanceof Map) writeGroup(group.create_group(name) as Group, member as Hdf5Group);
    else writeDataset(group, name, member as Hdf5Dataset);
  }
}

function writeDataset(group: Group, name: string, { dtype, shape, data }: Hdf5Dataset): void {
  if (dtype === 'string') {
    // h5wasm takes a scalar string by itself.
    const strings = shape.length === 0 ? data[0]! : [...data];
    group.create_dataset({ name, data: strings, shape: [...shape], dtype: 'S' });
    return;
  }
  const type = FILE_TYPES[dtype];
  if (type === undefined) throw new TypeError(`no HDF5 type for ${dtype}`);
  const elements = dtype === 'int64' ? BigInt64Array.from([...data], BigInt) : data;
  const size = data.length;
  // A number for each neuron, all alike, would be most of the file; weights hardly get smaller.
  const alike = size >= WORTH_DEFLATING && data.every((element) => element === data[0]);
  const dataset = { name, data: elements, shape: [...shape], dtype: type };
  group.create_dataset(alike ? { ...dataset, chunks: [...shape], compression: 'gzip' } : dataset);
}

/**
 * Reads all groups and datasets. 64 bit integers become numbers, h5py's booleans `bool`.
 * @param where names the file in errors
 * @throws Ann2SnnError `invalid-network`: no HDF5 file, damaged, with links out of it, of types that are no numbers or strings,
 * with more data than its size can hold, or too deep
 */
export async function readHdf5(bytes: Uint8Array, where: string): Promise<Hdf5Group> {
  const { h5wasm, FS } = await library();
  const path = `/${++files}.h5`;
  FS.writeFile(path, bytes);
  try {
    const file = new h5wasm.File(path, 'r');
    try {
      return new TreeReader(h5wasm, where, FREE_BYTES + bytes.length * DEFLATE_LIMIT).group(file, '', 0);
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof Ann2SnnError) throw error;
    if (error instanceof Error && error.name === 'RuntimeError') broken++;
    throw refusal(where, `expected a whole HDF5 file, found one that cannot be read (${lastOf(error)})`);
  } finally {
    if (FS.analyzePath(path).exists) FS.unlink(path);
  }
}

/** Walks a file and counts what it takes, so that a small file cannot ask for much. */
class TreeReader {
  private readonly h5wasm: H5wasm;
  private readonly where: string;
  private bytesLeft: number;
  private membersLeft = MOST_MEMBERS;

  constructor(h5wasm: H5wasm, where: string, mostBytes: number) {
    this.h5wasm = h5wasm;
    this.where = where;
    this.bytesLeft = mostBytes;
  }

  group(group: Group, path: string, level: number): Hdf5Group {
    if (level > MOST_LEVELS) {
      this.refuse(path, `expected at most ${MOST_LEVELS} levels of groups, found more`);
    }
    const members = new Map<string, Hdf5Group | Hdf5Dataset>();
    for (const name of group.keys()) {
      const inside = `${path}/${name}`;
      if (--this.membersLeft < 0) {
        this.refuse(path, `expected at most ${MOST_MEMBERS} groups and datasets, found more`);
      }
      const member = group.get(name);
      if (member instanceof this.h5wasm.Dataset) members.set(name, this.dataset(member, inside));
      else if (member instanceof this.h5wasm.Group) members.set(name, this.group(member, inside, level + 1));
      else this.refuse(inside, 'expected a group or a dataset, found a link out of the file or a type');
    }
    return members;
  }

  private dataset(dataset: Dataset, path: string): Hdf5Dataset {
    const { shape, size, virtual_sources: sources } = dataset.metadata;
    if (shape === null) this.refuse(path, 'expected elements, found an empty dataspace');
    if (sources !== undefined)
      this.refuse(path, 'expected its elements in the file, found a virtual dataset');
    this.bytesLeft -= sizeOf(shape) * size;
    if (!(this.bytesLeft >= 0))
      this.refuse(path, 'expected data that the file can hold, found more declared');
    const type = elementType(this.h5wasm, dataset);
    if (type === null)
      this.refuse(path, `expected numbers or strings, found ${JSON.stringify(dataset.dtype)}`);
    const value: unknown = sizeOf(shape) === 0 ? [] : dataset.value;
    const elements = shape.length === 0 ? [value] : (value as ArrayLike<unknown>);
    if (type === 'string') return { dtype: 'string', shape, data: Array.from(elements, String) };
    if (type !== 'int64' && type !== 'uint64') return this.tensor(type, shape, elements, path);
    const numbers = Array.from(elements, Number);
    if (!numbers.every(Number.isSafeInteger)) {
      this.refuse(path, 'expected whole numbers below 2^53, found a larger one');
    }
    return this.tensor('int64', shape, numbers, path);
  }

  private tensor(dtype: DType, shape: readonly number[], elements: ArrayLike<unknown>, path: string): Tensor {
    if (elements.length !== sizeOf(shape)) {
      this.refuse(path, `expected ${sizeOf(shape)} elements, found ${elements.length}`);
    }
    return tensor(dtype, shape, elements as TypedArray | readonly number[]);
  }

  private refuse(path: string, message: string): never {
    throw refusal(`${this.where}: ${path === '' ? '/' : path}`, message);
  }
}

function elementType({ Module }: H5wasm, { metadata }: Dataset): DType | 'string' | null {
  const { type, size, signed, littleEndian, enum_type: names } = metadata;
  const { H5T_INTEGER, H5T_FLOAT, H5T_STRING, H5T_ENUM } = Module.H5T_class_t;
  if (type === H5T_STRING.value) return 'string';
  if (!littleEndian && size > 1) return null;
  if (type === H5T_ENUM.value) {
    return size === 1 && names?.members.FALSE === 0 && names.members.TRUE === 1 ? 'bool' : null;
  }
  if (type === H5T_FLOAT.value) return size === 4 ? 'float32' : size === 8 ? 'float64' : null;
  if (type !== H5T_INTEGER.value) return null;
  const found = `${signed ? '' : 'u'}int${size * 8}`;
  return INTEGERS.find((name) => name === found) ?? null;
}

function refusal(where: string, message: string): Ann2SnnError {
  return new Ann2SnnError('invalid-network', { where, message });
}

/** The innermost reason of HDF5's stack of errors, which ends with a major and a minor line. */
function lastOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  const reason = lines.filter((line) => /^\s*#\d+:/.test(line)).at(-1);
  return reason?.replace(/^.*\(\): /, '') ?? lines[0]!;
}

/** HDF5 in memory of its own. A damaged file can make it trap, and then it is of no more use to the files that follow. */
async function library() {
  const h5wasm: H5wasm =
    broken === 0 ? await import('h5wasm') : await import(`${import.meta.resolve('h5wasm')}?${broken}`);
  const module = await h5wasm.ready;
  // Otherwise HDF5 prints its errors and answers with numbers below 0.
  module.activate_throwing_error_handler();
  return { h5wasm, FS: module.FS };
}
