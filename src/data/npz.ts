// NumPy archives: images in the member "x" or "images", labels in "y" or "labels".
import { Ann2SnnError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { openNpz } from '../tensor/npz.ts';
import { arrayDataset } from './array-dataset.ts';
import type { DatasetReader } from './dataset-reader.ts';

const IMAGES = ['x', 'images'] as const;
const LABELS = ['y', 'labels'] as const;

/** An archive with images alone is a set without labels; with other members beside them it is refused. */
export const npz: DatasetReader = {
  name: 'npz',
  summary: '.npz with x [N, C, H, W], [N, H, W] or [N, F] and y [N] (or images and labels)',
  takes: ['layout'],
  recognises: (path, stat) => stat.isFile() && /\.npz$/i.test(path),
  async open(path, { layout }) {
    const bytes = await readWhole(path);
    const members = openNpz(bytes, path);
    const images = IMAGES.find((key) => members.has(key));
    const labels = LABELS.find((key) => members.has(key));
    if (images === undefined || (labels === undefined && members.size > 1)) {
      const found = members.size === 0 ? 'no members' : [...members.keys()].join(', ');
      throw new Ann2SnnError('invalid-data', {
        where: path,
        message: `expected the members x (or images) and y (or labels), found ${found}`,
      });
    }
    return arrayDataset({
      path,
      reader: 'npz',
      images: members.get(images)!(),
      labels: labels === undefined ? null : members.get(labels)!(),
      ...(layout === undefined ? {} : { layout }),
      files: [bytes],
    });
  },
};
