import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../../src/calibration/calibration.ts';
import { writeNpz } from '../../../src/tensor/npz.ts';
import { floatTensor, indexTensor, type Tensor } from '../../../src/tensor/tensor.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { CALIBRATION_SET, MODEL } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';
import { tinyOnnx } from '../tiny-onnx.ts';

const folder = tempFolder();

async function images(name: string, members: Readonly<Record<string, Tensor>>): Promise<string> {
  return folder.put(name, writeNpz(new Map(Object.entries(members))));
}

describe('calibrate', () => {
  it('measures what spikes will carry, as a hand calculation does', async () => {
    const model = await folder.put('tiny.onnx', tinyOnnx());
    const x = floatTensor([2, 1, 2, 2], [0, 2, -4, 8, 0, 0, 6, -2]);
    const data = await images('tiny.npz', { x, y: indexTensor([0, 1]) });
    const path = folder.path('tiny.json');
    await succeed('calibrate', model, '--data', data, '--scale', '2', '-o', path);
    const calibration = JSON.parse(await readFile(path, 'utf8')) as Calibration;
    expect(calibration.preprocessing).toEqual({ scale: 2, mean: [0], std: [1], channels: 'as-is' });
    // x / 2 is 0 1 -2 4 0 0 3 -1; what follows the Relu is 0 1 0 4 0 0 3 0.
    expect(calibration.layers.x).toMatchObject({ max: 4, zeroFraction: 3 / 8, count: 8 });
    expect(calibration.layers.y).toMatchObject({ max: 4, zeroFraction: 5 / 8, count: 8 });
  });

  it('says where its numbers come from, and prints with --json what it writes', async () => {
    const path = folder.path('digits.json');
    const args = ['calibrate', MODEL, '--data', CALIBRATION_SET, '--scale', '16', '-o', path];
    expect(await succeed(...args)).toBe(
      `${path}: 4 layers measured on 300 images\ninput: x' = pixel / 16   (no --mean, no --std: right only for a network trained so)\n`,
    );
    const written = await readFile(path, 'utf8');
    expect(await succeed(...args, '--json')).toBe(written);
    const sha256 = async (file: string) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    expect(JSON.parse(written)).toMatchObject({
      model: { file: 'digits.onnx', sha256: await sha256(MODEL) },
      data: { file: 'digits-calibration.npz', sha256: await sha256(CALIBRATION_SET), images: 300 },
    });
  });
});

it('calibrate notes that 8-bit images fill little of the range that they are divided by', async () => {
  const args = [
    'calibrate',
    MODEL,
    '--data',
    CALIBRATION_SET,
    '--limit',
    '20',
    '-o',
    folder.path('faint.json'),
  ];
  expect(await succeed(...args)).toMatch(/\nnote: the largest pixel is 16, and pixels are divided by 255; /);
  expect(await succeed(...args, '--scale', '255')).not.toContain('note:');
});

describe('calibrate refuses', () => {
  const output = () => folder.path('refused.json');
  const calibrate = (data: string, ...rest: string[]) => [
    ...['calibrate', MODEL, '--data', data, '-o', output()],
    ...rest,
  ];

  it.each<[string, Readonly<Record<string, Tensor>>, string]>([
    [
      'images of another size',
      { x: floatTensor([2, 1, 8, 9]) },
      'expected images of shape [1, 8, 8], found [1, 8, 9]',
    ],
    [
      'images of another number of channels',
      { x: floatTensor([2, 2, 8, 8]) },
      'expected images of shape [1, 8, 8], found [2, 8, 8]',
    ],
    ['an array of no images', { x: floatTensor([0, 1, 8, 8]) }, 'expected images, found none'],
    ['a single number', { x: floatTensor([]) }, 'expected images of shape'],
    [
      'more labels than images',
      { x: floatTensor([2, 1, 8, 8]), y: indexTensor([1, 2, 3]) },
      'expected as many labels as images, found 3 labels for 2 images',
    ],
    [
      'negative labels',
      { x: floatTensor([2, 1, 8, 8]), y: indexTensor([1, -1]) },
      'expected labels to be whole numbers from 0, found 1 of 2 that are not: -1 (image 1)',
    ],
    ['pixels that are not numbers', { x: nanImage() }, 'NaN'],
    ['an archive without images', { z: floatTensor([2, 1, 8, 8]) }, 'z'],
  ])('%s', async (name, members, expected) => {
    const data = await images(`${name.replaceAll(' ', '-')}.npz`, members);
    expect(await refused('invalid-data', ...calibrate(data))).toContain(expected);
    expect(existsSync(output())).toBe(false);
  });

  it('a mean of the wrong length, and a scale of zero', async () => {
    const text = await refused(
      'invalid-option',
      ...calibrate(CALIBRATION_SET, '--mean', '0.1,0.2', '--std', '0', '--scale', '0'),
    );
    expect(text).toContain('--mean: expected 1 number (the input has 1 channel), found 2');
    expect(text).toContain('std: expected numbers above 0, found 0');
    expect(text).toContain('scale: expected a number above 0, found 0');
    expect(existsSync(output())).toBe(false);
  });

  it('numbers that are none, naming the option', async () => {
    expect(await misused(...calibrate(CALIBRATION_SET, '--std', '1,x'))).toContain('--std');
    expect(await misused(...calibrate(CALIBRATION_SET, '--scale', 'big'))).toContain('--scale');
  });

  it('a data set that is not there, and one of another kind', async () => {
    await refused('file-not-readable', ...calibrate(folder.path('none.npz')));
    await refused('invalid-data', ...calibrate(MODEL));
    const cut = await folder.put('cut.npz', (await readFile(CALIBRATION_SET)).subarray(0, 9000));
    expect(await refused('invalid-data', ...calibrate(cut))).toContain(cut);
  });
});

function nanImage(): Tensor {
  const image = floatTensor([1, 1, 8, 8]);
  image.data[5] = Number.NaN;
  return image;
}
