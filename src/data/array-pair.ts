// Images and labels in a file each: the labels' is the one that is given, or the one whose name goes with the images'.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readWhole } from '../files.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ArraySource } from './array-dataset.ts';
import type { DatasetOptions } from './dataset-reader.ts';

/** Reads both files with `decode`. @throws Ann2SnnError `file-not-readable`, and what `decode` throws */
export async function readPair(
  path: string,
  options: DatasetOptions,
  labelNames: (name: string) => readonly string[],
  decode: (bytes: Uint8Array, where: string) => Tensor,
): Promise<Pick<ArraySource, 'images' | 'labels' | 'files'>> {
  const bytes = await readWhole(path);
  const images = decode(bytes, path);
  const labelsPath = await labelsFile(path, options.labels, labelNames);
  if (labelsPath === null) return { images, labels: null, files: [bytes] };
  const labelBytes = await readWhole(labelsPath);
  return { images, labels: decode(labelBytes, labelsPath), files: [bytes, labelBytes] };
}

/**
 * The file of the labels, or null where there is none: `given`, else the first of the names that
 * `candidates` makes of the images' file name that lies beside it.
 */
async function labelsFile(
  images: string,
  given: string | undefined,
  candidates: (name: string) => readonly string[],
): Promise<string | null> {
  if (given !== undefined) return given;
  const name = basename(images);
  for (const candidate of candidates(name)) {
    if (candidate === name) continue;
    const path = join(dirname(images), candidate);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return path;
  }
  return null;
}
