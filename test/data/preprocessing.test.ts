import { describe, expect, it } from 'vitest';
import {
  defaultScale,
  PREPROCESSING_DEFAULTS,
  type Preprocessing,
  preprocess,
} from '../../src/data/preprocessing.ts';
import { floatTensor, type Tensor, tensor } from '../../src/tensor/tensor.ts';

const plain: Preprocessing = { ...PREPROCESSING_DEFAULTS, scale: 1 };

function run(raw: Tensor, options: Partial<Preprocessing>, shape: readonly number[]): number[] {
  const out = preprocess(raw, { ...plain, ...options }, shape);
  expect(out.dtype).toBe('float32');
  expect(out.shape).toEqual([raw.shape[0], ...shape]);
  return [...out.data];
}

/** Two images of three channels, one row, two columns: 1..6 and 11..16. */
const rgb = tensor('uint8', [2, 3, 1, 2], [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);
const grey = tensor('uint8', [1, 1, 1, 2], [10, 20]);

describe('preprocess', () => {
  it('computes (x/scale - mean)/std in float64 and rounds once', () => {
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const raw = tensor(
      'uint8',
      [256, 3, 1, 1],
      Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)),
    );
    const out = run(raw, { scale: 255, mean, std }, [3, 1, 1]);
    const expected = Array.from({ length: 768 }, (_, i) =>
      Math.fround((Math.floor(i / 3) / 255 - mean[i % 3]!) / std[i % 3]!),
    );
    expect(out).toEqual(expected);
  });

  it('keeps [C, H, W]', () => {
    expect(run(rgb, { scale: 2 }, [3, 1, 2])).toEqual([...rgb.data].map((x) => x / 2));
  });

  it("transposes to [H, W, C], mean and std by the network's channels", () => {
    const mean = [0, 100, 200];
    expect(run(rgb, { mean }, [1, 2, 3])).toEqual([1, -97, -195, 2, -96, -194, 11, -87, -185, 12, -86, -184]);
  });

  it('flattens to a vector in channel order', () => {
    expect(run(rgb, {}, [6])).toEqual([...rgb.data]);
  });

  it('prefers [C, H, W] where both orders fit', () => {
    const cube = tensor(
      'float32',
      [1, 3, 3, 3],
      Array.from({ length: 27 }, (_, i) => i),
    );
    expect(run(cube, {}, [3, 3, 3])).toEqual([...cube.data]);
  });

  it('reverses the channels for bgr and leaves them for rgb', () => {
    expect(run(rgb, { channels: 'bgr' }, [3, 1, 2]).slice(0, 6)).toEqual([5, 6, 3, 4, 1, 2]);
    expect(run(rgb, { channels: 'bgr', mean: [1, 2, 3] }, [1, 2, 3]).slice(0, 6)).toEqual([
      4, 1, -2, 5, 2, -1,
    ]);
    expect(run(rgb, { channels: 'rgb' }, [3, 1, 2])).toEqual([...rgb.data]);
  });

  it('makes BT.601 luma of RGB for a network of one channel', () => {
    const primaries = tensor('uint8', [4, 3, 1, 1], [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    const expected = [0.299 * 255, 0.587 * 255, 0.114 * 255, 255].map(Math.fround);
    expect(run(primaries, {}, [1, 1, 1])).toEqual(expected);
    expect(run(primaries, {}, [1])).toEqual(expected);
    expect(run(primaries, { channels: 'bgr' }, [1, 1, 1])).toEqual(expected);
  });

  it('makes grey of RGB on request for a network of three channels', () => {
    const red = tensor('uint8', [1, 3, 1, 1], [255, 0, 0]);
    const luma = 0.299 * 255;
    expect(run(red, { channels: 'gray', mean: [0, 1, 2] }, [3, 1, 1])).toEqual(
      [luma, luma - 1, luma - 2].map(Math.fround),
    );
  });

  it('repeats one channel for a network of three', () => {
    expect(run(grey, {}, [3, 1, 2])).toEqual([10, 20, 10, 20, 10, 20]);
    expect(run(grey, { mean: [1, 2, 3] }, [1, 2, 3])).toEqual([9, 8, 7, 19, 18, 17]);
    expect(run(grey, { channels: 'bgr' }, [6])).toEqual([10, 20, 10, 20, 10, 20]);
  });

  it('takes vectors, with one mean or one per feature', () => {
    const vectors = floatTensor([2, 3], [1, 2, 3, 4, 5, 6]);
    expect(run(vectors, { mean: [1] }, [3])).toEqual([0, 1, 2, 3, 4, 5]);
    expect(run(vectors, { mean: [1, 2, 3], std: [1, 2, 4] }, [3])).toEqual([0, 0, 0, 3, 1.5, 0.75]);
  });

  it('takes an empty batch', () => {
    expect(run(tensor('uint8', [0, 3, 1, 2]), {}, [3, 1, 2])).toEqual([]);
  });

  it.each([[[3, 32, 32]], [[2, 1, 2]], [[3, 2, 1, 1]], [[12]], [[2, 1, 3]]])(
    'refuses images that do not fit %j',
    (shape) => {
      expect(() => preprocess(rgb, plain, shape)).toThrow(
        expect.objectContaining({
          code: 'invalid-data',
          message: expect.stringContaining(`expected images of shape [${shape.join(', ')}], found [3, 1, 2]`),
        }),
      );
    },
  );

  it('does not take three features for red, green and blue', () => {
    expect(() => preprocess(floatTensor([1, 3]), plain, [1])).toThrow(/found \[3\]/);
  });

  it('reports all wrong options in one error', () => {
    const wrong: Preprocessing = { scale: 0, mean: [1, 2], std: [1, 0, Number.NaN], channels: 'as-is' };
    expect(() => preprocess(rgb, wrong, [3, 1, 2])).toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        problems: [
          { where: '--scale', message: 'expected a number above 0, found 0' },
          { where: '--mean', message: 'expected 1 number or 3, one per channel, found 2' },
          { where: '--std', message: 'expected numbers above 0, found 1, 0, NaN' },
        ],
      }),
    );
  });

  it('counts the channels of the network, not of the data', () => {
    expect(() => preprocess(rgb, { ...plain, mean: [1, 2, 3] }, [1, 1, 2])).toThrow(
      /--mean: expected 1 number \(the input has 1 channel\), found 3/,
    );
  });

  it('refuses a channel order for data that has no colours', () => {
    const two = tensor('uint8', [1, 2, 1, 1], [1, 2]);
    expect(() => preprocess(two, { ...plain, channels: 'bgr' }, [2, 1, 1])).toThrow(
      /expected data with 1 or 3 channels for "bgr"/,
    );
    expect(() => preprocess(floatTensor([1, 3]), { ...plain, channels: 'gray' }, [3])).toThrow(
      /1 or 3 channels for "gray"/,
    );
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses %d, naming every image', (value) => {
    const raw = floatTensor([3, 1, 1, 2], [0, value, 0, 0, value, 0]);
    expect(() => preprocess(raw, plain, [1, 1, 2])).toThrow(
      expect.objectContaining({
        code: 'invalid-data',
        problems: [0, 2].map((n) => ({
          where: `image ${n} of the batch`,
          message: `expected finite pixels, found ${value}`,
        })),
      }),
    );
  });

  it('refuses results that float32 does not hold', () => {
    expect(() => preprocess(grey, { ...plain, std: [1e-40] }, [1, 1, 2])).toThrow(/found Infinity/);
  });
});

it('scales uint8 by 255 and floats not at all', () => {
  expect([defaultScale('uint8'), defaultScale('float32')]).toEqual([255, 1]);
});
