// A data set on its way between threads: named by its path, opened again, and found to be the same.
import { type Dataset, type DatasetOptions, openDatasetFor } from '../data/dataset.ts';
import { Ann2SnnError } from '../errors.ts';
import { sameShape, type Tensor } from '../tensor/tensor.ts';

/** What a worker needs to open the caller's data set. */
export interface DatasetAgain {
  readonly path: string;
  readonly options: DatasetOptions;
  readonly count: number;
  readonly labels: Int32Array | null;
  /** What the caller's data set gives for its first image, which the worker's must give as well. */
  readonly first: Tensor;
}

export async function againOf(
  { path, count, labels, read }: Dataset,
  options: DatasetOptions,
): Promise<DatasetAgain> {
  return { path, options, count, labels, first: await read(0, 1) };
}

/**
 * The caller's data set, opened here. Images other than the caller's would be measured against the wrong labels.
 * @throws Ann2SnnError `invalid-option` where they are others
 */
export async function openAgain(
  { path, options, count, labels, first }: DatasetAgain,
  inputs: NonNullable<DatasetOptions['inputs']>,
): Promise<Pick<Dataset, 'path' | 'count' | 'labels' | 'read' | 'sha256'>> {
  const dataset = await openDatasetFor(inputs, path, options);
  const own = await dataset.read(0, 1);
  const same =
    dataset.count >= count &&
    own.dtype === first.dtype &&
    sameShape(own.shape, first.shape) &&
    own.data.every((value, i) => Object.is(value, first.data[i]));
  if (!same) {
    throw new Ann2SnnError('invalid-option', {
      where: path,
      message:
        'expected workers to find the images of the data set when they open it with dataOptions, found others',
    });
  }
  return { path, count, labels, read: dataset.read, sha256: dataset.sha256 };
}
