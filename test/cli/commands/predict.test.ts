import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import type { Prediction } from '../../../src/predict.ts';
import type { Report } from '../../../src/report/report.ts';
import { writeNpz } from '../../../src/tensor/npz.ts';
import { png, sharp } from '../../data/sharp-present.ts';
import { tempFolder } from '../../data/temp-folder.ts';
import { outputsOnnx, someImages } from '../../outputs-onnx.ts';
import { readNpz } from '../../tensor/read-npz.ts';
import { CALIBRATION_SET, CONVERT_DIGITS, MODEL, TEST_SET } from '../digits.ts';
import { misused, refused, succeed } from '../invoke.ts';

const folder = tempFolder();
let net = '';
const pictures: string[] = [];
const labels: number[] = [];

beforeAll(async () => {
  if (sharp === null) return;
  net = folder.path('digits.snn');
  // Pictures have 8 bits where the digits have 4: pixels below are multiplied by 15, and so is the scale.
  const calibration = folder.path('calibration.json');
  await succeed('calibrate', MODEL, '--data', CALIBRATION_SET, '--scale', '16', '-o', calibration);
  const text = await readFile(calibration, 'utf8');
  await writeFile(calibration, text.replace('"scale": 16', '"scale": 240'));
  await succeed('convert', MODEL, '--calibration', calibration, '-o', net);
  const dataset = await openDataset(TEST_SET, { limit: 6 });
  const { data } = await dataset.read(0, 6);
  for (let i = 0; i < 6; i++) {
    const pixels = Array.from(data.subarray(i * 64, (i + 1) * 64), (value) => value * 15);
    pictures.push(await folder.put(`${i}.png`, await png(8, 8, 1, pixels)));
    labels.push(dataset.labels![i]!);
  }
});

describe.skipIf(sharp === null)('predict (skipped where the optional package sharp is absent)', () => {
  it('classifies pictures, on either engine alike, twice alike', async () => {
    const json = await succeed('predict', net, ...pictures, '--json');
    const predictions = JSON.parse(json) as Prediction[];
    expect(predictions.map(({ image }) => image)).toEqual(pictures);
    expect(predictions.map(({ top }) => top[0]!.class)).toEqual(labels);
    for (const { top, answers } of predictions) {
      expect(top).toHaveLength(5);
      expect(answers).toHaveLength(12);
      expect(answers.at(-1)).toBe(top[0]!.class);
    }
    expect(await succeed('predict', net, ...pictures, '--json')).toBe(json);
    const reference = await succeed('predict', net, ...pictures, '--engine', 'reference', '--json');
    expect((JSON.parse(reference) as Prediction[]).map(({ top }) => top[0]!.class)).toEqual(labels);
  });

  it('shows classes and the answer after each readout step', async () => {
    const text = await succeed('predict', net, pictures[0]!);
    expect(text.startsWith(`${pictures[0]}\nclass  logit  probability\n`)).toBe(true);
    expect(text).toMatch(/\nanswer after each readout step: (\d ){11}\d\n$/);
  });

  it('refuses what is no picture, is not there, or has another size, all at once', async () => {
    const text = await folder.put('text.png', 'no picture');
    const wrong = await refused('invalid-data', 'predict', net, pictures[0]!, text);
    expect(wrong).toContain(`${text}: expected a picture that can be decoded`);
    await refused('file-not-readable', 'predict', net, folder.path('none.png'));
    const large = await folder.put('large.png', await png(9, 8, 1, new Array<number>(72).fill(1)));
    expect(await refused('invalid-data', 'predict', net, pictures[0]!, large)).toContain(
      `${large}: expected 8x8 pixels`,
    );
    expect(await refused('invalid-data', 'predict', net, large)).toContain(
      'expected images of shape [1, 8, 8]',
    );
    await refused('invalid-network', 'predict', pictures[0]!, pictures[0]!);
  });

  it('writes decoded outputs, and shows figures of those that are no class scores', async () => {
    const model = await folder.put('several.onnx', outputsOnnx(['map', 'scores', 'value']));
    const bare = await folder.put('x.npz', writeNpz(new Map([['x', someImages(20, 3)]])));
    const several = folder.path('several.snn');
    await succeed('convert', model, '--calibration', bare, '-o', several);
    const paths = await Promise.all(
      [1, 2].map(async (seed) => {
        const pixels = Array.from({ length: 48 }, (_, i) => (seed * 37 * i) % 256);
        return folder.put(`colour${seed}.png`, await png(4, 4, 3, pixels));
      }),
    );
    const output = folder.path('out.npz');
    const text = await succeed('predict', several, ...paths, '-o', output);
    expect(text).toMatch(/\noutput +shape +smallest +largest +mean\n/);
    expect(text).toMatch(/\nvalue +\[1\] /);
    const written = readNpz(await readFile(output), output);
    expect([...written].map(([name, { shape }]) => [name, shape])).toEqual([
      ['map', [2, 3, 4, 4]],
      ['scores', [2, 4]],
      ['value', [2, 1]],
    ]);
    const json = JSON.parse(await succeed('predict', several, ...paths, '--json')) as Prediction[];
    json.forEach(({ top, outputs }, i) => {
      const scores = [...written.get('scores')!.data.subarray(4 * i, 4 * i + 4)];
      expect(top[0]!.class).toBe(scores.indexOf(Math.max(...scores)));
      expect(outputs[2]!.mean).toBeCloseTo(written.get('value')!.data[i]!, 6);
    });
    expect(await misused('predict', several, ...paths, '-o', 'out.png')).toContain('ends in .npz');
  });

  it('wants pictures or a data set, not both', async () => {
    const expected = 'expected either pictures or --data with a data set';
    expect(await misused('predict', net)).toContain(expected);
    expect(await misused('predict', net, pictures[0]!, '--data', TEST_SET)).toContain(expected);
    expect(await misused('predict', net, pictures[0]!, '--limit', '1')).toContain(
      '--limit: expected only with a data set, found pictures',
    );
  });
});

describe('predict --data', () => {
  it('answers what evaluate counts, whatever the batch', async () => {
    const digits = folder.path('few.snn');
    await succeed(...CONVERT_DIGITS, '--limit', '50', '-o', digits);
    const output = folder.path('few.npz');
    const few = ['--data', TEST_SET, '--limit', '70', '--json'];
    const predictions = JSON.parse(await succeed('predict', digits, ...few, '-o', output)) as Prediction[];
    expect(predictions.map(({ image }) => image)).toEqual(
      Array.from({ length: 70 }, (_, i) => `${TEST_SET}, image ${i}`),
    );
    const { labels: expected } = await openDataset(TEST_SET, { limit: 70 });
    const right = predictions.filter(({ top }, i) => top[0]!.class === expected![i]).length;
    const report = JSON.parse(await succeed('evaluate', digits, ...few)) as Report;
    expect(right / 70).toBe(report.snn.accuracy);
    expect(right).toBeGreaterThan(60);
    const [alone] = JSON.parse(
      await succeed('predict', digits, '--data', await last(70), '--json'),
    ) as Prediction[];
    expect(alone!.answers).toEqual(predictions[69]!.answers);
    const scores = readNpz(await readFile(output), output).get('logits')!;
    expect(scores.shape).toEqual([70, 10]);
    expect(scores.data[69 * 10 + alone!.top[0]!.class]).toBeCloseTo(alone!.top[0]!.logit, 3);
  });

  /** The last of the first images, alone. */
  async function last(count: number): Promise<string> {
    const images = await openDataset(TEST_SET, { limit: count });
    return folder.put('last.npz', writeNpz(new Map([['x', await images.read(count - 1, count)]])));
  }
});
