// A data set whose images are one array in memory: what the .npz, .npy, IDX and CIFAR readers end in.
import { createHash } from 'node:crypto';
import { Ann2SnnError } from '../errors.ts';
import { gatherIndex } from '../tensor/broadcast.ts';
import {
  castTensor,
  DTYPES,
  type Shape,
  showShape,
  sizeOf,
  stridesOf,
  type Tensor,
} from '../tensor/tensor.ts';
import type { Dataset } from './dataset-reader.ts';
import { readLabels } from './labels.ts';

/** Arrays as a reader found them. */
export interface ArraySource {
  readonly path: string;
  readonly reader: string;
  /** [N, C, H, W] (or [N, H, W, C] by `layout`), [N, H, W] for one channel, [N, F], or [N, C, ...] of any other rank. */
  readonly images: Tensor;
  /** [N] or [N, 1] */
  readonly labels: Tensor | null;
  readonly layout?: 'nchw' | 'nhwc';
  /** The files read, in order. */
  readonly files: readonly Uint8Array[];
}

/** Checks the arrays and makes a data set of them. @throws Ann2SnnError `invalid-data` */
export function arrayDataset(source: ArraySource): Dataset {
  const { path, reader } = source;
  const labels = source.labels === null ? null : readLabels(source.labels, path);
  const stored = source.images;
  const count = stored.shape[0] ?? 0;
  if (stored.shape.length < 2) {
    refuse(
      path,
      `expected images of shape [N, C, H, W], [N, H, W], [N, F] or [N, C, ...], found ${showShape(stored.shape)}`,
    );
  }
  if (labels !== null && labels.length !== count) {
    refuse(path, `expected as many labels as images, found ${labels.length} labels for ${count} images`);
  }
  if (sizeOf(stored.shape) === 0)
    refuse(path, `expected images, found none in shape ${showShape(stored.shape)}`);
  const images = castTensor(stored, stored.dtype === 'uint8' ? 'uint8' : 'float32');
  const { shape, order } = imageLayout(stored.shape.slice(1), source.layout ?? 'nchw');
  return {
    path,
    reader,
    count,
    shape,
    dtype: images.dtype === 'uint8' ? 'uint8' : 'float32',
    labels,
    classNames: null,
    sha256: sha256Of(source.files),
    read: async (from, to) => {
      checkRange(from, to, count);
      return slice(images, shape, order, from, to);
    },
  };
}

/** Throws RangeError unless `from` to `to` are images of the set. */
export function checkRange(from: number, to: number, count: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= count)) {
    throw new RangeError(`images ${from} to ${to} are not within 0 to ${count}`);
  }
}

function sha256Of(files: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const bytes of files) hash.update(bytes);
  return hash.digest('hex');
}

/** The shape of one image as the data set gives it, and where its elements come from (null: as they lie). */
function imageLayout(stored: Shape, layout: 'nchw' | 'nhwc'): { shape: Shape; order: Int32Array | null } {
  const [first, second, third] = stored;
  if (stored.length === 2) return { shape: [1, first!, second!], order: null };
  if (stored.length !== 3 || layout === 'nchw') return { shape: stored, order: null };
  const [rows, columns, channels] = stridesOf(stored);
  const shape = [third!, first!, second!];
  return { shape, order: gatherIndex(shape, [channels!, rows!, columns!]) };
}

function slice(images: Tensor, shape: Shape, order: Int32Array | null, from: number, to: number): Tensor {
  const size = sizeOf(shape);
  const { dtype } = images;
  const data = images.data.slice(from * size, to * size);
  if (order === null) return { dtype, shape: [to - from, ...shape], data };
  const out = new DTYPES[dtype](data.length);
  for (let start = 0; start < data.length; start += size) {
    for (let i = 0; i < size; i++) out[start + i] = data[start + order[i]!]!;
  }
  return { dtype, shape: [to - from, ...shape], data: out };
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-data', { where, message });
}
