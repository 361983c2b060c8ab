import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../src/data/dataset.ts';
import { engineNamed } from '../src/engines/index.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../src/pipeline.ts';
import { decode, decodedOutputs, type Prediction, predict } from '../src/predict.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import type { Network } from '../src/snn/network/network.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from './cli/digits.ts';
import { annLogits, CLASSES, classesOf } from './cli/digits-ann.ts';

const IMAGES = 6;
const names = Array.from({ length: IMAGES }, (_, i) => `image ${i}`);
let network: Network;
let pictures: Tensor;
let predictions: Prediction[];

beforeAll(async () => {
  const model = await prepare(MODEL);
  const set = await openDataset(CALIBRATION_SET);
  const calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
  network = convertModel(model, calibration, codingOf('css'), { percentile: 99.99 });
  pictures = await (await openDataset(TEST_SET)).read(0, IMAGES);
  predictions = await predict(network, engineNamed('reference'), pictures, names);
});

describe('predict', () => {
  it('names the classes and nearly the logits and probabilities of the ANN', async () => {
    const logits = await annLogits(IMAGES);
    const largest = Math.max(...logits.map(Math.abs));
    expect(predictions.map(({ image }) => image)).toEqual(names);
    expect(predictions.map(({ top }) => top[0]!.class)).toEqual(classesOf(logits));
    predictions.forEach(({ top }, image) => {
      const own = logits.subarray(image * CLASSES, (image + 1) * CLASSES);
      const sum = own.reduce((total, logit) => total + Math.exp(logit), 0);
      for (const entry of top) {
        expect(Math.abs(entry.logit - own[entry.class]!) / largest).toBeLessThan(0.1);
        expect(Math.abs(entry.probability - Math.exp(own[entry.class]!) / sum)).toBeLessThan(0.15);
      }
    });
  });

  it('ranks five classes and answers after each of the T steps', () => {
    for (const { top, answers } of predictions) {
      expect(top).toHaveLength(5);
      expect(top.map(({ logit }) => logit)).toEqual(top.map(({ logit }) => logit).sort((a, b) => b - a));
      expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1 + 1e-12);
      expect(answers).toHaveLength(network.coding.T);
      expect(answers.at(-1)).toBe(top[0]!.class);
    }
  });

  it('does not depend on the company of other pictures', async () => {
    const third = { ...pictures, shape: [1, 1, 8, 8], data: pictures.data.slice(2 * 64, 3 * 64) };
    expect(await predict(network, engineNamed('reference'), third, ['image 2'])).toEqual([predictions[2]]);
  });

  it('agrees on the dense engine', async () => {
    const dense = await predict(network, engineNamed('dense'), pictures, names);
    expect(dense.map(({ top }) => top[0]!.class)).toEqual(predictions.map(({ top }) => top[0]!.class));
  });

  it('gives decoded values in the place of classes where an output is no vector of scores', async () => {
    const nodes = network.nodes.map((n) => (n.kind === 'readout' ? { ...n, shape: [2, 5] } : n));
    const map = { ...network, nodes };
    const found = await predict(map, engineNamed('reference'), pictures, names);
    const trace = await decode(map, engineNamed('reference'), pictures);
    const { shape, data } = decodedOutputs(map, trace).get('logits')!;
    expect(shape).toEqual([IMAGES, 2, 5]);
    found.forEach(({ top, answers, outputs }, i) => {
      expect({ top, answers }).toEqual({ top: [], answers: [] });
      const values = [...data.subarray(i * CLASSES, (i + 1) * CLASSES)];
      expect(Math.max(...values)).toBe(predictions[i]!.top[0]!.logit);
      expect(outputs).toEqual([
        {
          name: 'logits',
          shape: [2, 5],
          smallest: Math.min(...values),
          largest: Math.max(...values),
          mean: expect.closeTo(values.reduce((a, b) => a + b, 0) / CLASSES, 9) as number,
        },
      ]);
    });
  });
});
