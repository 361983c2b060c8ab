// The binary version of CIFAR-10 and CIFAR-100: records of label bytes and 3 x 32 x 32 pixels.
import { join } from 'node:path';
import { Ann2SnnError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { tensor } from '../tensor/tensor.ts';
import { arrayDataset } from './array-dataset.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { listFolder } from './folder.ts';
import { refuseLabels } from './labels.ts';

const IMAGE = [3, 32, 32] as const;
const PIXELS = 3 * 32 * 32;

/** The class is the last label byte: CIFAR-100 puts the coarse class before the fine one. */
const FORMATS = [
  { name: 'CIFAR-10', labelBytes: 1, classes: 10 },
  { name: 'CIFAR-100', labelBytes: 2, classes: 100 },
] as const;

type Format = (typeof FORMATS)[number];

interface BinaryFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export const cifarBinary: DatasetReader = {
  name: 'cifar-binary',
  summary: 'a .bin file of CIFAR-10 or CIFAR-100 (fine classes), or a folder of such files',
  takes: [],
  recognises: async (path, stat) =>
    stat.isDirectory() ? (await binaryNames(path)).length > 0 : /\.bin$/i.test(path),
  async open(path) {
    const files = await Promise.all(
      (await binaryPaths(path)).map(
        async (file): Promise<BinaryFile> => ({ path: file, bytes: await readWhole(file) }),
      ),
    );
    const { labels, pixels } = unpack(files, formatOf(files, path));
    return arrayDataset({
      path,
      reader: 'cifar-binary',
      images: tensor('uint8', [labels.length, ...IMAGE], pixels),
      labels: tensor('uint8', [labels.length], labels),
      files: files.map(({ bytes }) => bytes),
    });
  },
};

async function binaryNames(folder: string): Promise<string[]> {
  return (await listFolder(folder)).files.filter((name) => /\.bin$/i.test(name));
}

async function binaryPaths(path: string): Promise<string[]> {
  if (/\.bin$/i.test(path)) return [path];
  const names = await binaryNames(path);
  const tests = names.filter((name) => /test/i.test(name));
  // The folder as published holds both; an accuracy over the two together would mean nothing.
  if (tests.length > 0 && tests.length < names.length) {
    throw new Ann2SnnError(
      'invalid-data',
      { where: path, message: `expected either training or test images, found both: ${names.join(', ')}` },
      { help: `name one file, for example ${join(path, tests[0]!)}` },
    );
  }
  return names.map((name) => join(path, name));
}

/** The one format whose record length divides every file. */
function formatOf(files: readonly BinaryFile[], path: string): Format {
  const fitting = FORMATS.filter(({ labelBytes }) =>
    files.every(({ bytes }) => bytes.length > 0 && bytes.length % (labelBytes + PIXELS) === 0),
  );
  if (fitting.length === 1) return fitting[0]!;
  const found = files.map(({ path: file, bytes }) => ({
    where: files.length === 1 ? path : file,
    message:
      fitting.length === 0
        ? `expected records of 3073 bytes (CIFAR-10) or 3074 bytes (CIFAR-100), alike in all files, found ${bytes.length} bytes`
        : `expected to tell CIFAR-10 from CIFAR-100 by the length, found ${bytes.length} bytes, which fit both`,
  }));
  throw new Ann2SnnError('invalid-data', found);
}

function unpack(files: readonly BinaryFile[], { name, labelBytes, classes }: Format) {
  const record = labelBytes + PIXELS;
  const count = files.reduce((total, { bytes }) => total + bytes.length / record, 0);
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * PIXELS);
  let image = 0;
  for (const { path, bytes } of files) {
    const first = image;
    for (let at = 0; at < bytes.length; at += record, image++) {
      labels[image] = bytes[at + labelBytes - 1]!;
      pixels.set(bytes.subarray(at + labelBytes, at + record), image * PIXELS);
    }
    refuseLabels(
      labels.subarray(first, image),
      path,
      `below ${classes} (${name})`,
      (label) => label < classes,
    );
  }
  return { labels, pixels };
}
