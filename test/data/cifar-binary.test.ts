import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();
const PIXELS = 3072;

/** Records of the given label bytes; the pixels of record r are r, r + 1, ... modulo 256. */
function records(...labels: number[][]): Uint8Array {
  return Buffer.concat(
    labels.map((bytes, r) =>
      Uint8Array.of(...bytes, ...Array.from({ length: PIXELS }, (_, i) => (r + i) % 256)),
    ),
  );
}

describe('CIFAR binary data sets', () => {
  it('reads CIFAR-10', async () => {
    const path = await folder.put('ten/test_batch.bin', records([3], [9]));
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({ reader: 'cifar-binary', count: 2, shape: [3, 32, 32], dtype: 'uint8' });
    expect(dataset.labels).toEqual(Int32Array.of(3, 9));
    const { data } = await dataset.read(1, 2);
    expect([data.length, data[0], data[255], data[3071]]).toEqual([PIXELS, 1, 0, 3072 % 256]);
  });

  it('reads the fine classes of CIFAR-100', async () => {
    const path = await folder.put('hundred/test.bin', records([19, 99], [1, 42], [0, 0]));
    const dataset = await openDataset(path);
    expect(dataset.labels).toEqual(Int32Array.of(99, 42, 0));
    expect((await dataset.read(2, 3)).data[0]).toBe(2);
  });

  it('joins the files of a folder in the order of their names', async () => {
    const second = records([2]);
    const first = records([0], [1]);
    await folder.put('train/data_batch_2.bin', second);
    await folder.put('train/data_batch_1.bin', first);
    await folder.put('train/readme.html', 'text');
    const dataset = await openDataset(folder.path('train'));
    expect(dataset.labels).toEqual(Int32Array.of(0, 1, 2));
    expect(dataset.sha256).toBe(createHash('sha256').update(first).update(second).digest('hex'));
  });

  it('refuses to mix training and test images', async () => {
    await folder.put('published/data_batch_1.bin', records([0]));
    await folder.put('published/test_batch.bin', records([0]));
    await expect(openDataset(folder.path('published'))).rejects.toThrow(
      /found both: data_batch_1\.bin, test_batch\.bin/,
    );
  });

  it.each([
    ['another length', new Uint8Array(3000), /expected records of 3073 bytes.*found 3000 bytes/],
    ['no bytes', new Uint8Array(), /found 0 bytes/],
    ['a length that fits both', new Uint8Array(3073 * 3074), /found 9446402 bytes, which fit both/],
    [
      'a class that CIFAR-10 has not',
      records([3], [10]),
      /below 10 \(CIFAR-10\), found 1 of 2 that are not: 10 \(image 1\)/,
    ],
  ])('refuses %s', async (_, bytes, message) => {
    const path = await folder.put('wrong/batch.bin', bytes);
    const error = await openDataset(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid-data', problems: [{ where: path }] });
    expect((error as Error).message).toMatch(message);
  });

  it('names every file of a folder whose lengths do not agree', async () => {
    await folder.put('mixed/a.bin', records([1]));
    await folder.put('mixed/b.bin', records([1, 2]));
    await expect(openDataset(folder.path('mixed'))).rejects.toMatchObject({
      problems: [{ where: folder.path('mixed/a.bin') }, { where: folder.path('mixed/b.bin') }],
    });
  });
});
