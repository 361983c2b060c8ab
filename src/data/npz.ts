// NumPy archives: images in the member "x" or "images", labels in "y" or "labels".
import { Ann2SnnError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { type NpzEntry, openNpz } from '../tensor/npz.ts';
import { sameShape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { arrayDataset } from './array-dataset.ts';
import type { Dataset, DatasetOptions, DatasetReader } from './dataset-reader.ts';

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
    if (inputs !== undefined) {
      if (layout === 'nhwc')
        refuse(
          path,
          'expected arrays as the network wants them where it has several inputs, found --layout nhwc',
        );
      return severalInputs(path, bytes, members, inputs);
    }
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
      images: members.get(images)!.read(),
      labels: labels === undefined ? null : members.get(labels)!.read(),
      ...(layout === undefined ? {} : { layout }),
      files: [bytes],
    });
  },
};

type Input = NonNullable<DatasetOptions['inputs']>[number];

/** The inputs of each image side by side, in the network's order; labels are optional. */
function severalInputs(
  path: string,
  bytes: Uint8Array,
  members: ReadonlyMap<string, NpzEntry>,
  inputs: readonly Input[],
): Dataset {
  const labels = LABELS.find((key) => members.has(key) && !inputs.some(({ name }) => name === key));
  const found = [...members.keys()].filter((key) => key !== labels);
  const names = inputs.map(({ name }) => name);
  if (names.some((name) => !members.has(name)) || found.some((name) => !names.includes(name))) {
    refuse(
      path,
      `expected an array for each input of the network (${names.join(', ')}) and labels y if any, found ${found.join(', ')}`,
    );
  }
  const arrays = inputs.map(({ name }) => members.get(name)!.read());
  return arrayDataset({
    path,
    reader: 'npz',
    images: sideBySide(path, inputs, arrays),
    labels: labels === undefined ? null : members.get(labels)!.read(),
    files: [bytes],
  });
}

/** Arrays [N, ...] as one of [N, all their elements]. */
function sideBySide(path: string, inputs: readonly Input[], arrays: readonly Tensor[]): Tensor {
  const [count = 0] = arrays[0]!.shape;
  const wrong = arrays.some(({ shape }, i) => !sameShape(shape, [count, ...inputs[i]!.shape]));
  const mixed = new Set(arrays.map(({ dtype }) => dtype === 'uint8')).size > 1;
  const found = inputs.map(({ name }, i) => `${name} ${arrays[i]!.dtype} ${showShape(arrays[i]!.shape)}`);
  if (wrong) {
    const expected = inputs.map(({ name, shape }) => `${name} ${showShape([count, ...shape])}`);
    refuse(path, `expected ${expected.join(', ')}, found ${found.join(', ')}`);
  }
  // They share one scale, and its default depends on the type.
  if (mixed) {
    refuse(
      path,
      `expected all inputs as uint8 or none, since one scale holds for all, found ${found.join(', ')}`,
    );
  }
  const sizes = inputs.map(({ shape }) => sizeOf(shape));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const packed = tensor(arrays[0]!.dtype === 'uint8' ? 'uint8' : 'float32', [count, total]);
  for (let n = 0; n < count; n++) {
    let to = n * total;
    arrays.forEach(({ data }, i) => {
      packed.data.set(data.subarray(n * sizes[i]!, (n + 1) * sizes[i]!), to);
      to += sizes[i]!;
    });
  }
  return packed;
}

function refuse(where: string, message: string): never {
  throw new Ann2SnnError('invalid-data', { where, message });
}
