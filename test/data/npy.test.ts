import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { writeNpy } from '../../src/tensor/npy.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();
const images = writeNpy(tensor('float32', [2, 1, 1, 2], [0.5, 1, 1.5, 2]));
const labels = writeNpy(tensor('uint8', [2], [4, 5]));

describe('npy data sets', () => {
  it.each([
    ['a/x.npy', 'a/y.npy'],
    ['b/x_test.npy', 'b/y_test.npy'],
    ['c/test-images.npy', 'c/test-labels.npy'],
  ])('finds the labels of %s in %s', async (imagesName, labelsName) => {
    const path = await folder.put(imagesName, images);
    await folder.put(labelsName, labels);
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({ reader: 'npy', count: 2, shape: [1, 1, 2], dtype: 'float32' });
    expect(dataset.labels).toEqual(Int32Array.of(4, 5));
    expect(dataset.sha256).toBe(createHash('sha256').update(images).update(labels).digest('hex'));
    expect([...(await dataset.read(1, 2)).data]).toEqual([1.5, 2]);
  });

  it('is a set without labels when there are none beside it', async () => {
    const path = await folder.put('d/x.npy', images);
    expect((await openDataset(path)).labels).toBeNull();
    expect((await openDataset(await folder.put('d/extra.npy', images))).labels).toBeNull();
  });

  it('takes the labels that are given, and refuses a file that is not there', async () => {
    const path = await folder.put('e/photos.npy', images);
    const given = await folder.put('e/classes-of-photos.npy', labels);
    expect((await openDataset(path, { labels: given })).labels).toEqual(Int32Array.of(4, 5));
    const missing = folder.path('e/missing.npy');
    await expect(openDataset(path, { labels: missing })).rejects.toMatchObject({
      code: 'file-not-readable',
      problems: [{ where: missing }],
    });
  });

  it('names the damaged one of the two files', async () => {
    const path = await folder.put('f/x.npy', images);
    const broken = await folder.put('f/y.npy', labels.subarray(0, labels.length - 1));
    await expect(openDataset(path)).rejects.toMatchObject({
      code: 'invalid-data',
      problems: [{ where: broken }],
    });
  });
});
