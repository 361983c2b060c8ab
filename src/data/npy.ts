// A NumPy array of images, with the labels in a second one beside it.
import { readNpy } from '../tensor/npy.ts';
import { arrayDataset } from './array-dataset.ts';
import { readPair } from './array-pair.ts';
import type { DatasetReader } from './dataset-reader.ts';

export const npy: DatasetReader = {
  name: 'npy',
  summary: '.npy of images, labels in a second .npy (x.npy and y.npy, or images.npy and labels.npy)',
  takes: ['layout', 'labels'],
  recognises: (path, stat) => stat.isFile() && /\.npy$/i.test(path),
  async open(path, options) {
    return arrayDataset({
      path,
      reader: 'npy',
      ...(options.layout === undefined ? {} : { layout: options.layout }),
      ...(await readPair(path, options, labelNames, readNpy)),
    });
  },
};

/** x.npy -> y.npy, x_test.npy -> y_test.npy, test-images.npy -> test-labels.npy */
function labelNames(images: string): readonly string[] {
  return [images.replace(/^x(?=[._-])/, 'y'), images.replace('images', 'labels')];
}
