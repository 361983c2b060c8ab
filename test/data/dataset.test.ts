import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkLabels, openDataset } from '../../src/data/dataset.ts';
import { datasetReaders } from '../../src/data/index.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import { type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();

function archive(labels: readonly number[]): Uint8Array {
  const x = tensor(
    'uint8',
    [labels.length, 1, 1, 2],
    Uint8Array.from({ length: 2 * labels.length }, (_, i) => i),
  );
  return writeNpz(
    new Map<string, Tensor>([
      ['x', x],
      ['y', tensor('int64', [labels.length], labels)],
    ]),
  );
}

describe('openDataset', () => {
  it('uses only the first images with a limit, and hashes the file all the same', async () => {
    const path = await folder.put('limit.npz', archive([0, 1, 2, 3]));
    const whole = await openDataset(path);
    const first = await openDataset(path, { limit: 3 });
    expect(first.count).toBe(3);
    expect([...first.labels!]).toEqual([0, 1, 2]);
    expect(first.sha256).toBe(whole.sha256);
    expect([...(await first.read(1, 3)).data]).toEqual([2, 3, 4, 5]);
    await expect(first.read(0, 4)).rejects.toThrow(RangeError);
    expect((await openDataset(path, { limit: 100 })).count).toBe(4);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses limit %d', async (limit) => {
    const path = await folder.put('limit.npz', archive([0, 1]));
    await expect(openDataset(path, { limit })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it('names a missing file', async () => {
    const path = folder.path('missing.npz');
    await expect(openDataset(path)).rejects.toMatchObject({
      code: 'file-not-readable',
      problems: [{ where: path }],
    });
  });

  it('answers an unknown kind of file or folder with the list of what is understood', async () => {
    const path = await folder.put('data.parquet', 'PAR1');
    await mkdir(folder.path('empty'), { recursive: true });
    for (const unknown of [path, folder.path('empty')]) {
      const error = await openDataset(unknown).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'invalid-data', problems: [{ where: unknown }] });
      for (const { name } of datasetReaders) expect((error as Error).message).toContain(`${name}: `);
      expect((error as Error).message).toContain(
        unknown === path ? 'found a file "data.parquet"' : 'found an empty folder',
      );
    }
  });

  it('tells a calibration file from images', async () => {
    const path = await folder.put('cal.json', '{"format":1,"percentileDefinition":"..."}');
    await expect(openDataset(path)).rejects.toThrow(
      `${path}: expected images, found a calibration file; this command needs the images`,
    );
  });

  it('says what lies in a folder of an unknown kind', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f/g.txt'])
      await folder.put(`odd/${name}`, '');
    await expect(openDataset(folder.path('odd'))).rejects.toThrow(
      /found a folder of f\/, a.txt, b.txt, c.txt, d.txt and 1 more/,
    );
  });

  it('refuses options that the kind of file has no use for', async () => {
    const path = await folder.put('plain.npz', archive([0]));
    await expect(openDataset(path, { labels: 'y.npy' })).rejects.toThrow(
      /labels with npy and idx only, found it with npz/,
    );
    const pixels = await folder.put('one.bin', new Uint8Array(3073));
    await expect(openDataset(pixels, { layout: 'nhwc' })).rejects.toThrow(/layout with npz and npy only/);
    await expect(openDataset(pixels, { layout: 'nchw' })).resolves.toMatchObject({ count: 1 });
  });

  it('reads class names and holds the labels against them', async () => {
    const path = await folder.put('named.npz', archive([0, 1, 1]));
    const classes = await folder.put('classes.txt', 'cat\r\ndog\r\n');
    expect((await openDataset(path, { classes })).classNames).toEqual(['cat', 'dog']);
    const one = await folder.put('one.txt', 'cat\n');
    await expect(openDataset(path, { classes: one })).rejects.toThrow(/2 of 3 that are not: 1 \(image 1\)/);
    const gap = await folder.put('gap.txt', 'cat\n\ndog\n');
    await expect(openDataset(path, { classes: gap })).rejects.toThrow(/line 2 empty/);
    const twice = await folder.put('twice.txt', 'cat\ncat\n');
    await expect(openDataset(path, { classes: twice })).rejects.toThrow(/"cat" twice/);
  });
});

describe('checkLabels', () => {
  it('passes labels in range and sets without labels', async () => {
    const path = await folder.put('range.npz', archive([0, 9]));
    const dataset = await openDataset(path);
    expect(() => checkLabels(dataset, 10)).not.toThrow();
    expect(() => checkLabels({ ...dataset, labels: null }, 1)).not.toThrow();
  });

  it('says how many labels are out of range, and the first of them', async () => {
    const path = await folder.put('out.npz', archive([0, 10, 3, 11, 12, 13, 14, 15]));
    const dataset = await openDataset(path);
    expect(() => checkLabels(dataset, 10)).toThrow(
      `${path}: expected labels to be classes 0 to 9, found 6 of 8 that are not: ` +
        '10 (image 1), 11 (image 3), 12 (image 4), 13 (image 5), 14 (image 6), ...',
    );
  });
});

it('readers have distinct names', () => {
  expect(new Set(datasetReaders.map(({ name }) => name)).size).toBe(datasetReaders.length);
});
