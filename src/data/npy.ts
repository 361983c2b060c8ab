// A NumPy array of images, with the labels in a second one beside it.
import { readWhole } from '../files.ts';
import { readNpy } from '../tensor/npy.ts';
import { arrayDataset } from './array-dataset.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { labelsFile } from './sibling.ts';

export const npy: DatasetReader = {
  name: 'npy',
  summary: '.npy of images, labels in a second .npy (x.npy and y.npy, or images.npy and labels.npy)',
  takes: ['layout', 'labels'],
  recognises: (path, stat) => stat.isFile() && /\.npy$/i.test(path),
  async open(path, options) {
    const bytes = await readWhole(path);
    const labelsPath = await labelsFile(path, options.labels, labelNames);
    const labelBytes = labelsPath === null ? null : await readWhole(labelsPath);
    return arrayDataset({
      path,
      reader: 'npy',
      images: readNpy(bytes, path),
      labels: labelBytes === null ? null : readNpy(labelBytes, labelsPath!),
      ...(options.layout === undefined ? {} : { layout: options.layout }),
      files: labelBytes === null ? [bytes] : [bytes, labelBytes],
    });
  },
};

/** x.npy -> y.npy, x_test.npy -> y_test.npy, test-images.npy -> test-labels.npy */
function labelNames(images: string): readonly string[] {
  return [images.replace(/^x(?=[._-])/, 'y'), images.replace('images', 'labels')];
}
