// A folder of class folders of pictures, or a folder of pictures without labels. Pictures are decoded when read.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { sameShape, showShape } from '../tensor/tensor.ts';
import { checkRange } from './array-dataset.ts';
import type { DatasetReader } from './dataset-reader.ts';
import { listFolder } from './folder.ts';
import { inspectImages, readImages } from './images.ts';

const PICTURE = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;

interface Picture {
  /** Relative to the data set, with "/" between folder and file. */
  readonly name: string;
  /** null in a set without labels. */
  readonly label: number | null;
}

/**
 * Class folders named by whole numbers are class indices; others are numbered by `options.classes` or else
 * in the order of their names. Pictures come class folder by class folder, both sorted by name (code units).
 *
 * The SHA-256 is over, for every picture in that order (the first `limit` of them): its class index in
 * decimal (or nothing), a zero byte, its relative path in UTF-8, a zero byte, and the bytes of its file.
 */
export const imageFolder: DatasetReader = {
  name: 'image-folder',
  summary: 'a folder of pictures in class folders: <class>/<picture>.jpg, .png, .webp ...',
  takes: [],
  recognises: async (path, stat) => {
    if (!stat.isDirectory()) return false;
    const { folders, pictures } = await list(path);
    if (pictures.length > 0) return true;
    for (const folder of folders) {
      if ((await list(join(path, folder))).pictures.length > 0) return true;
    }
    return false;
  },
  async open(path, options, names) {
    const { pictures: all, classNames } = await findPictures(path, names);
    const pictures = all.slice(0, options.limit);
    const paths = pictures.map(({ name }) => join(path, name));
    const hash = createHash('sha256');
    let hashed = 0;
    const size = await inspectImages(paths, (_, bytes) => {
      const { name, label } = pictures[hashed++]!;
      hash.update(`${label ?? ''}\0${name}\0`).update(bytes);
    });
    const shape = [3, ...size];
    return {
      path,
      reader: 'image-folder',
      count: pictures.length,
      shape,
      dtype: 'uint8',
      labels: pictures[0]!.label === null ? null : Int32Array.from(pictures, ({ label }) => label!),
      classNames,
      sha256: hash.digest('hex'),
      read: async (from, to) => {
        checkRange(from, to, pictures.length);
        const images = await readImages(paths.slice(from, to));
        if (from < to && !sameShape(images.shape.slice(1), shape)) {
          throw new Ann2SnnError('invalid-data', {
            where: path,
            message: `expected pictures of shape ${showShape(shape)} as when opened, found ${showShape(images.shape.slice(1))}`,
          });
        }
        return from < to ? images : { ...images, shape: [0, ...shape] };
      },
    };
  },
};

async function findPictures(
  path: string,
  names: readonly string[] | null,
): Promise<{ pictures: Picture[]; classNames: readonly string[] | null }> {
  const { folders, pictures: loose } = await list(path);
  const found = await Promise.all(
    folders.map(async (folder) => ({ folder, pictures: (await list(join(path, folder))).pictures })),
  );
  if (found.every(({ pictures }) => pictures.length === 0)) {
    return { pictures: loose.map((name) => ({ name, label: null })), classNames: names };
  }
  throwIfAny(
    'invalid-data',
    loose.map((name) => ({
      where: join(path, name),
      message: 'expected pictures in class folders only, found one beside them',
    })),
  );
  const { labels, classNames } = numberClasses(path, folders, names);
  const pictures = found.flatMap(({ folder, pictures }) =>
    pictures.map((name) => ({ name: `${folder}/${name}`, label: labels.get(folder)! })),
  );
  return { pictures, classNames };
}

function numberClasses(
  path: string,
  folders: readonly string[],
  names: readonly string[] | null,
): { labels: ReadonlyMap<string, number>; classNames: readonly string[] | null } {
  if (folders.every((folder) => /^\d+$/.test(folder))) {
    return { labels: new Map(folders.map((folder) => [folder, Number(folder)])), classNames: names };
  }
  const order = names ?? folders;
  const labels = new Map(folders.map((folder) => [folder, order.indexOf(folder)]));
  const problems = folders.flatMap((folder): Problem[] =>
    labels.get(folder) === -1
      ? [
          {
            where: join(path, folder),
            message: 'expected a class folder named in the file of classes, found another',
          },
        ]
      : [],
  );
  throwIfAny('invalid-data', problems);
  return { labels, classNames: order };
}

/** The class folders and the pictures of a folder, sorted; other kinds of file are passed over. */
async function list(path: string): Promise<{ folders: string[]; pictures: string[] }> {
  const { folders, files } = await listFolder(path);
  return { folders, pictures: files.filter((name) => PICTURE.test(name)) };
}
