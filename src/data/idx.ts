// IDX, the format of MNIST: two zero bytes, a type, a rank, the dimensions and the elements, all big endian.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { decodeElements, elementSize } from '../tensor/npy-elements.ts';
import { showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { arrayDataset } from './array-dataset.ts';
import { readPair } from './array-pair.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { listFolder } from './folder.ts';

/** The element types by their code in the third byte, as .npy files would describe them. */
const TYPES: Readonly<Record<number, string>> = {
  8: '|u1',
  9: '|i1',
  11: '>i2',
  12: '>i4',
  13: '>f4',
  14: '>f8',
};

const IDX = /[.-]idx\d?(-ubyte)?(\.gz)?$/i;
const IMAGES = /images[.-]idx\d?(-ubyte)?(\.gz)?$/i;

/** The images' file is given, or a folder of one; the labels are in the file whose name says so in the same way. */
export const idx: DatasetReader = {
  name: 'idx',
  summary:
    'IDX images as of MNIST (...-images-idx3-ubyte, .gz or not) with ...-labels-idx1-ubyte beside them, or a folder of these two',
  takes: ['labels'],
  recognises: async (path, kind) =>
    kind.isDirectory() ? (await imagesIn(path)).length > 0 : kind.isFile() && IDX.test(path),
  async open(path, options) {
    const images = (await stat(path)).isDirectory() ? await onlyImagesOf(path) : path;
    return arrayDataset({
      path,
      reader: 'idx',
      ...(await readPair(images, options, labelNames, decodeIdx)),
    });
  },
};

/** Files of images in a folder; of one that lies there packed and unpacked, the unpacked one. */
async function imagesIn(folder: string): Promise<string[]> {
  const names = (await listFolder(folder)).files.filter((name) => IMAGES.test(name));
  return names.filter((name) => !names.includes(name.replace(/\.gz$/i, '')) || !/\.gz$/i.test(name));
}

async function onlyImagesOf(folder: string): Promise<string> {
  const [first, ...more] = await imagesIn(folder);
  if (more.length === 0) return join(folder, first!);
  throw new Ann2SnnError(
    'invalid-data',
    {
      where: folder,
      message: `expected one file of IDX images in the folder, found ${[first, ...more].join(', ')}`,
    },
    { help: `name one file, for example ${join(folder, first!)}` },
  );
}

/** t10k-images-idx3-ubyte.gz -> t10k-labels-idx1-ubyte.gz, or the same unpacked. */
function labelNames(images: string): readonly string[] {
  const name = images.replace('images', 'labels').replace(/idx\d/, 'idx1');
  return [name, name.endsWith('.gz') ? name.slice(0, -3) : `${name}.gz`];
}

function decodeIdx(file: Uint8Array, where: string): Tensor {
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? gunzip(file, where) : file;
  const description = TYPES[bytes[2] ?? 0];
  const rank = bytes[3] ?? 0;
  const start = 4 + 4 * rank;
  if (bytes[0] !== 0 || bytes[1] !== 0 || description === undefined || bytes.length < start) {
    const found = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    refuse(
      where,
      `expected an IDX file: 00 00, a type, a rank and its dimensions; found ${found || 'no bytes'}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = sizeOf(shape) * elementSize(description, where);
  if (bytes.length - start !== expected) {
    refuse(where, `expected ${expected} bytes for shape ${showShape(shape)}, found ${bytes.length - start}`);
  }
  return { shape, ...decodeElements(description, bytes.subarray(start), where) };
}

function gunzip(file: Uint8Array, where: string): Uint8Array {
  try {
    return gunzipSync(file);
  } catch (error) {
    return refuse(where, `expected a whole gzip file, found a damaged or cut off one (${messageOf(error)})`);
  }
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-data', { where, message });
}
