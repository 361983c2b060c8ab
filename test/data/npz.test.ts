import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { writeNpz } from '../../src/tensor/npz.ts';
import { type DType, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { tempFolder } from './temp-folder.ts';

const folder = tempFolder();
let files = 0;

function put(members: Record<string, Tensor>): Promise<string> {
  return folder.put(`${files++}.npz`, writeNpz(new Map(Object.entries(members))));
}

function counting(dtype: DType, shape: readonly number[]): Tensor {
  return tensor(
    dtype,
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  );
}

const y2 = tensor('int64', [2], [1, 0]);

describe('npz data sets', () => {
  it('reads uint8 images and int64 labels', async () => {
    const members = { x: counting('uint8', [2, 3, 2, 2]), y: y2 };
    const path = await put(members);
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({
      path,
      reader: 'npz',
      count: 2,
      shape: [3, 2, 2],
      dtype: 'uint8',
      classNames: null,
    });
    expect(dataset.labels).toEqual(Int32Array.of(1, 0));
    const bytes = writeNpz(new Map(Object.entries(members)));
    expect(dataset.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const second = await dataset.read(1, 2);
    expect(second).toEqual(
      tensor(
        'uint8',
        [1, 3, 2, 2],
        Uint8Array.from({ length: 12 }, (_, i) => 12 + i),
      ),
    );
    expect((await dataset.read(2, 2)).shape).toEqual([0, 3, 2, 2]);
  });

  it('hands out copies', async () => {
    const dataset = await openDataset(await put({ x: counting('uint8', [2, 1, 1, 2]), y: y2 }));
    (await dataset.read(0, 1)).data.fill(99);
    expect([...(await dataset.read(0, 1)).data]).toEqual([0, 1]);
  });

  it('transposes [N, H, W, C] by layout', async () => {
    const path = await put({ x: counting('uint8', [2, 2, 3, 2]), y: y2 });
    const dataset = await openDataset(path, { layout: 'nhwc' });
    expect(dataset.shape).toEqual([2, 2, 3]);
    const { data } = await dataset.read(1, 2);
    expect([...data]).toEqual([12, 14, 16, 18, 20, 22, 13, 15, 17, 19, 21, 23]);
  });

  it('takes vectors, [N, H, W], and the names images and labels', async () => {
    expect((await openDataset(await put({ x: counting('float32', [2, 5]), y: y2 }))).shape).toEqual([5]);
    const grey = await put({ images: counting('uint8', [2, 4, 5]), labels: tensor('uint8', [2, 1], [3, 4]) });
    expect(await openDataset(grey)).toMatchObject({ shape: [1, 4, 5], labels: Int32Array.of(3, 4) });
  });

  it.each(['float64', 'int64', 'int16', 'bool'] as const)('converts %s to float32', async (dtype) => {
    const dataset = await openDataset(await put({ x: tensor(dtype, [2, 2], [0, 1, 1, 0]), y: y2 }));
    expect(dataset.dtype).toBe('float32');
    expect(await dataset.read(0, 2)).toEqual(tensor('float32', [2, 2], Float32Array.of(0, 1, 1, 0)));
  });

  it('takes images alone as a set without labels', async () => {
    expect((await openDataset(await put({ x: counting('uint8', [2, 2]) }))).labels).toBeNull();
  });

  it.each<[string, Record<string, Tensor>, RegExp]>([
    [
      'other keys',
      { data: y2, target: y2 },
      /expected the members x \(or images\) and y \(or labels\), found data, target/,
    ],
    ['labels under another name', { x: counting('uint8', [2, 2]), target: y2 }, /found x, target/],
    ['no members', {}, /found no members/],
    ['counts that differ', { x: counting('uint8', [3, 2]), y: y2 }, /found 2 labels for 3 images/],
    [
      'no images',
      { x: tensor('uint8', [0, 3, 2, 2]), y: tensor('int64', [0]) },
      /expected images, found none/,
    ],
    ['images without pixels', { x: tensor('uint8', [2, 3, 0, 2]), y: y2 }, /expected images, found none/],
    ['rank 1', { x: counting('uint8', [2]), y: y2 }, /found \[2\]/],
    [
      'one-hot labels',
      { x: counting('uint8', [2, 2]), y: tensor('float32', [2, 3]) },
      /shape \[N\], found shape \[2, 3\]/,
    ],
    [
      'negative labels',
      { x: counting('uint8', [2, 2]), y: tensor('int64', [2], [0, -1]) },
      /found 1 of 2 that are not: -1 \(image 1\)/,
    ],
    [
      'fractional labels',
      { x: counting('uint8', [2, 2]), y: tensor('float32', [2], [0.5, Number.NaN]) },
      /0\.5 \(image 0\), NaN \(image 1\)/,
    ],
    [
      'labels beyond int32',
      { x: counting('uint8', [2, 2]), y: tensor('int64', [2], [0, 2 ** 31]) },
      /2147483648 \(image 1\)/,
    ],
  ])('refuses %s', async (_, members, message) => {
    const path = await put(members);
    const error = await openDataset(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid-data', problems: [{ where: path }] });
    expect((error as Error).message).toMatch(message);
  });
});
