import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();

function idxFile(type: number, shape: readonly number[], body: readonly number[]): Uint8Array {
  return Uint8Array.of(
    0,
    0,
    type,
    shape.length,
    ...shape.flatMap((dim) => [0, 0, dim >> 8, dim & 255]),
    ...body,
  );
}

const images = idxFile(8, [2, 2, 3], [...Array(12).keys()]);
const labels = idxFile(8, [2], [7, 2]);

describe('IDX data sets', () => {
  it.each([
    ['a/t10k-images-idx3-ubyte', 'a/t10k-labels-idx1-ubyte', false, false],
    ['b/t10k-images-idx3-ubyte.gz', 'b/t10k-labels-idx1-ubyte.gz', true, true],
    ['c/t10k-images-idx3-ubyte.gz', 'c/t10k-labels-idx1-ubyte', true, false],
    ['d/train-images.idx3-ubyte', 'd/train-labels.idx1-ubyte.gz', false, true],
  ])('reads %s with %s', async (imagesName, labelsName, packedImages, packedLabels) => {
    const path = await folder.put(imagesName, packedImages ? gzipSync(images) : images);
    await folder.put(labelsName, packedLabels ? gzipSync(labels) : labels);
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({ reader: 'idx', count: 2, shape: [1, 2, 3], dtype: 'uint8' });
    expect(dataset.labels).toEqual(Int32Array.of(7, 2));
    expect([...(await dataset.read(1, 2)).data]).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it('reads a folder that holds one pair', async () => {
    await folder.put('pair/t10k-images-idx3-ubyte.gz', gzipSync(images));
    await folder.put('pair/t10k-labels-idx1-ubyte.gz', gzipSync(labels));
    await folder.put('pair/notes.txt', 'more');
    const dataset = await openDataset(folder.path('pair'));
    expect(dataset).toMatchObject({ reader: 'idx', path: folder.path('pair'), count: 2 });
    expect(dataset.labels).toEqual(Int32Array.of(7, 2));
    await folder.put('pair/t10k-images-idx3-ubyte', images);
    expect((await openDataset(folder.path('pair'))).count).toBe(2);
    await folder.put('pair/train-images-idx3-ubyte', images);
    await expect(openDataset(folder.path('pair'))).rejects.toThrow(
      /expected one file of IDX images in the folder, found t10k-images-idx3-ubyte, train-images-idx3-ubyte/,
    );
  });

  it('takes the labels that are given, else goes without', async () => {
    const path = await folder.put('e/digits.idx3', images);
    expect((await openDataset(path)).labels).toBeNull();
    const given = await folder.put('e/answers', labels);
    expect((await openDataset(path, { labels: given })).labels).toEqual(Int32Array.of(7, 2));
  });

  it('reads big-endian numbers of other types', async () => {
    const path = await folder.put('f/numbers.idx2', idxFile(11, [2, 2], [0, 1, 1, 0, 255, 254, 127, 255]));
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({ shape: [2], dtype: 'float32' });
    expect([...(await dataset.read(0, 2)).data]).toEqual([1, 256, -2, 32767]);
  });

  it.each([
    [
      'a length that does not fit',
      images.subarray(0, 20),
      /expected 12 bytes for shape \[2, 2, 3\], found 4/,
    ],
    ['other bytes', Uint8Array.of(1, 2, 3, 4, 5), /found 01 02 03 04/],
    ['an unknown type', idxFile(10, [1], [0]), /found 00 00 0a 01/],
    ['no bytes', new Uint8Array(), /found no bytes/],
    ['a cut off header', images.subarray(0, 9), /expected an IDX file/],
    ['a cut off gzip file', gzipSync(images).subarray(0, 25), /cut off/],
  ])('refuses %s', async (_, bytes, message) => {
    const path = await folder.put('g/broken.idx', bytes);
    const error = await openDataset(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid-data', problems: [{ where: path }] });
    expect((error as Error).message).toMatch(message);
  });
});
