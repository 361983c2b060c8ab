// NumPy archives: images in the member "x" or "images", labels in "y" or "labels".
import { Ann2SnnError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { openNpz } from '../tensor/npz.ts';
import { showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { arrayDataset } from './array-dataset.ts';
import type { Dataset, DatasetReader } from './dataset-reader.ts';

const IMAGES = ['x', 'images'] as const;
const LABELS = ['y', 'labels'] as const;

/** An archive with images alone is a set without labels; with other members beside them it is refused. */
export const npz: DatasetReader = {
  name: 'npz',
  summary:
    '.npz with x [N, C, H, W], [N, H, W] or [N, F] and y [N] (or images and labels); one array for each input of a network of several',
  takes: ['layout', 'inputs'],
  recognises: (path, stat) => stat.isFile() && /\.npz$/i.test(path),
  async open(path, { layout, inputs }) {
    const bytes = await readWhole(path);
    const members = openNpz(bytes, path);
    if (inputs !== undefined) return severalInputs(path, bytes, members, inputs);
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

/** The inputs of each image side by side, in the network's order; labels are optional. */
function severalInputs(
  path: string,
  bytes: Uint8Array,
  members: ReadonlyMap<string, () => Tensor>,
  inputs: readonly string[],
): Dataset {
  const labels = LABELS.find((key) => members.has(key));
  const found = [...members.keys()].filter((key) => key !== labels);
  const missing = inputs.filter((name) => !members.has(name));
  const foreign = found.filter((name) => !inputs.includes(name));
  if (missing.length > 0 || foreign.length > 0) {
    throw new Ann2SnnError('invalid-data', {
      where: path,
      message: `expected an array for each input of the network (${inputs.join(', ')}) and labels y if any, found ${found.join(', ')}`,
    });
  }
  return arrayDataset({
    path,
    reader: 'npz',
    images: sideBySide(
      path,
      inputs.map((name) => [name, members.get(name)!()] as const),
    ),
    labels: labels === undefined ? null : members.get(labels)!(),
    files: [bytes],
  });
}

/** Arrays [N, ...] as one of [N, all their elements]. */
function sideBySide(path: string, arrays: readonly (readonly [string, Tensor])[]): Tensor {
  const counts = new Set(arrays.map(([, { shape }]) => shape[0] ?? 0));
  if (counts.size > 1) {
    const found = arrays.map(([name, { shape }]) => `${name} ${showShape(shape)}`).join(', ');
    throw new Ann2SnnError('invalid-data', {
      where: path,
      message: `expected as many images in every array, found ${found}`,
    });
  }
  const [count] = counts;
  const sizes = arrays.map(([, { shape }]) => sizeOf(shape.slice(1)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const bytes = arrays.every(([, { dtype }]) => dtype === 'uint8');
  const packed = tensor(bytes ? 'uint8' : 'float32', [count!, total]);
  for (let n = 0; n < count!; n++) {
    let to = n * total;
    arrays.forEach(([, { data }], i) => {
      packed.data.set(data.subarray(n * sizes[i]!, (n + 1) * sizes[i]!), to);
      to += sizes[i]!;
    });
  }
  return packed;
}
