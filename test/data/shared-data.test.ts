// The readers on real data; the expected figures were computed with numpy and Pillow.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkLabels, type Dataset, openDataset } from '../../src/data/dataset.ts';
import { sharp } from './sharp-present.ts';

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const absent = !existsSync(data);

function labelCounts(dataset: Dataset, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of dataset.labels!) counts[label]!++;
  return counts;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

describe.skipIf(absent)('real data (skipped where the shared folder is absent)', () => {
  it('reads the CIFAR-10 archive', async () => {
    const dataset = await openDataset(`${data}cifar10-test-5000.npz`);
    expect(dataset).toMatchObject({ reader: 'npz', count: 5000, shape: [3, 32, 32], dtype: 'uint8' });
    expect(dataset.sha256).toBe('fc2980eda47df7266d9a1d2d44a48f5de9326299758f52bb430433b0f9f310e3');
    expect(labelCounts(dataset, 10)).toEqual([488, 505, 512, 497, 507, 488, 491, 495, 504, 513]);
    checkLabels(dataset, 10);
    const all = await dataset.read(0, 5000);
    expect(sum(all.data)).toBe(1866816272);
    expect(sum((await dataset.read(4999, 5000)).data)).toBe(304365);
  });

  it('reads the gzipped MNIST files', async () => {
    const dataset = await openDataset(`${data}mnist/t10k-images-idx3-ubyte.gz`);
    expect(dataset).toMatchObject({ reader: 'idx', count: 10000, shape: [1, 28, 28], dtype: 'uint8' });
    expect([...dataset.labels!.slice(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(labelCounts(dataset, 10)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(sum((await dataset.read(0, 10000)).data)).toBe(264923200);
  });

  it.skipIf(sharp === null)('decodes the ImageNet folder (skipped where sharp is absent)', async () => {
    const dataset = await openDataset(`${data}imagenet-sample-400`);
    expect(dataset).toMatchObject({
      reader: 'image-folder',
      count: 400,
      shape: [3, 224, 224],
      classNames: null,
    });
    expect(dataset.labels![0]).toBe(1);
    expect(dataset.labels![399]).toBe(997);
    checkLabels(dataset, 1000);
    const { data: pixels } = await dataset.read(0, 20);
    // JPEG decoders may differ by a rounding here and there, hence a mean over 3 million pixels.
    expect(sum(pixels) / pixels.length).toBeCloseTo(312410969 / pixels.length, 1);
    const channels = [0, 1, 2].map(
      (c) => sum(pixels.subarray(c * 224 * 224, (c + 1) * 224 * 224)) / 224 ** 2,
    );
    for (const [c, total] of [4666373, 4618383, 2881360].entries()) {
      expect(channels[c]).toBeCloseTo(total / 224 ** 2, 0);
    }
  });
});
