// Networks whose outputs are maps, numbers or several: evaluated against ONNX Runtime run here by hand.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, openDataset } from '../src/data/dataset.ts';
import { engineNamed } from '../src/engines/index.ts';
import { evaluate } from '../src/evaluate.ts';
import { loadOnnx } from '../src/onnx/load.ts';
import { calibrate, convertModel, type PreparedModel, prepare, preprocessingFor } from '../src/pipeline.ts';
import { decode, decodedOutputs } from '../src/predict.ts';
import { reportText } from '../src/report/text.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import { readouts } from '../src/snn/network/network.ts';
import { writeNpz } from '../src/tensor/npz.ts';
import { indexTensor } from '../src/tensor/tensor.ts';
import { tempFolder } from './data/temp-folder.ts';
import { outputsOnnx, PIXEL_CLASSES, someImages } from './outputs-onnx.ts';
import { relativeRms } from './snn/tiny.ts';

const COUNT = 30;
const folder = tempFolder();
const engine = engineNamed('reference');
const images = someImages(COUNT, 5);
let data: Dataset;
let calibration: Dataset;

beforeAll(async () => {
  data = await openDataset(await folder.put('x.npz', writeNpz(new Map([['x', images]]))));
  const others = new Map([['x', someImages(40, 6)]]);
  calibration = await openDataset(await folder.put('c.npz', writeNpz(others)));
});

async function networkOf(model: PreparedModel, T: number) {
  const statistics = await calibrate(model, calibration, preprocessingFor(calibration, {}));
  return convertModel(model, statistics, codingOf('canonical', { T }));
}

async function modelWith(...outputs: Parameters<typeof outputsOnnx>[0]) {
  const path = await folder.put(`${outputs.join('-')}.onnx`, outputsOnnx(outputs));
  return prepare(await loadOnnx(path));
}

/** Values of the file in ONNX Runtime, by name. */
async function annOf(model: PreparedModel, names: readonly string[]) {
  const session = await openOriginal(model.file, names);
  const found = await session.run(new Map([['x', images]]), names);
  await session.release();
  return new Map([...found].map(([name, { data: values }]) => [name, values as Float32Array]));
}

const argmaxOf = (values: readonly number[]) => values.indexOf(Math.max(...values));

describe('a map of pixel classes', () => {
  it('is compared value by value and pixel by pixel', async () => {
    const model = await modelWith('map');
    const network = await networkOf(model, 4);
    const report = await evaluate(network, data, { engine, ann: model.file });
    const ann = (await annOf(model, ['map'])).get('map')!;
    const decoded = decodedOutputs(network, await decode(network, engine, images)).get('map')!.data;
    const pixel = (values: Float32Array, at: number) =>
      Array.from(
        { length: PIXEL_CLASSES },
        (_, c) => values[Math.floor(at / 16) * 16 * PIXEL_CLASSES + c * 16 + (at % 16)]!,
      );
    const pixels = Array.from({ length: COUNT * 16 }, (_, at) => at);
    const agreeing = pixels.filter((at) => argmaxOf(pixel(decoded, at)) === argmaxOf(pixel(ann, at)));
    const size = 16 * PIXEL_CLASSES;
    const rms = (values: ArrayLike<number>) =>
      Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length);
    const perImage = Array.from({ length: COUNT }, (_, n) =>
      rms(decoded.slice(n * size, (n + 1) * size).map((value, i) => value - ann[n * size + i]!)),
    );
    expect(report.outputs).toHaveLength(1);
    const output = report.outputs[0]!;
    expect(output).toMatchObject({ name: 'map', shape: [PIXEL_CLASSES, 4, 4] });
    expect(output.relativeError).toBeCloseTo(relativeRms(decoded, ann), 9);
    expect(output.worstImage).toBeCloseTo(Math.max(...perImage) / rms(ann), 6);
    expect(output.pixelAgreement).toBe(agreeing.length / pixels.length);
    expect(output.pixelAgreement).toBeLessThan(1);
    expect(output.errorPerStep).toHaveLength(4);
    expect(output.errorPerStep!.at(-1)).toBe(output.relativeError);
    expect(output.errorPerStep![0]).toBeGreaterThan(output.relativeError!);
    expect(report.ann).toEqual({ accuracy: null, top5: null, why: 'no output is a vector of class scores' });
    expect(report.snn).toEqual({ accuracy: null, top5: null, agreement: null, accuracyPerStep: null });
    expect(report.latency.measured!.sameAnswers).toBe(true);
    // Four steps are few: the error is worth naming, and it is rounding.
    expect(output.relativeError).toBeGreaterThan(0.05);
    expect(report.diagnosis).toMatchObject([{ layer: 'r', cause: 'rounding' }]);
    const text = reportText(report);
    expect(text).not.toContain('top-1');
    expect(text).toMatch(/\noutput +map \[3, 4, 4\]: error .* %, worst image .* %, .* % of the pixels agree/);
  });

  it('has no error without the ANN, and labels of the data set are left alone', async () => {
    const model = await modelWith('map');
    const labelled = new Map([
      ['x', images],
      ['y', indexTensor(Array.from({ length: COUNT }, (_, i) => 100 + i))],
    ]);
    const set = await openDataset(await folder.put('labelled.npz', writeNpz(labelled)));
    const report = await evaluate(await networkOf(model, 4), set, { engine });
    expect(report.outputs).toEqual([
      {
        ...{ name: 'map', shape: [PIXEL_CLASSES, 4, 4] },
        ...{ relativeError: null, worstImage: null, pixelAgreement: null, errorPerStep: null },
      },
    ]);
    expect(report.diagnosis).toEqual([]);
    expect(reportText(report)).toMatch(/\noutput +map \[3, 4, 4\]: error - +\(needs the ANN/);
  });
});

describe('a regression', () => {
  it('of one number has an error, no class', async () => {
    const model = await modelWith('value');
    const network = await networkOf(model, 10);
    const report = await evaluate(network, data, { engine, ann: model.file });
    const ann = (await annOf(model, ['value'])).get('value')!;
    const decoded = decodedOutputs(network, await decode(network, engine, images)).get('value')!.data;
    expect(report.outputs[0]!.relativeError).toBeCloseTo(relativeRms(decoded, ann), 6);
    expect(report.outputs[0]!.relativeError).toBeLessThan(0.05);
    expect(report.outputs[0]!.pixelAgreement).toBeNull();
    expect(report.snn.agreement).toBeNull();
    expect(report.diagnosis).toEqual([]);
  });
});

describe('several outputs', () => {
  it('have an error each; the first vector is read as class scores', async () => {
    const model = await modelWith('map', 'scores', 'value');
    const network = await networkOf(model, 8);
    expect(readouts(network).map(({ name }) => name)).toEqual(['map', 'scores', 'value']);
    const report = await evaluate(network, data, { engine, ann: model.file });
    const decoded = decodedOutputs(network, await decode(network, engine, images));
    const ann = await annOf(model, ['map', 'raw scores', 'value']);
    // Scores are compared in front of their Softmax.
    const values = ['map', 'raw scores', 'value'].map((name) => ann.get(name)!);
    expect(report.outputs.map(({ relativeError }) => relativeError)).toEqual(
      [...decoded.values()].map(
        ({ data: own }, i) => expect.closeTo(relativeRms(own, values[i]!), 6) as number,
      ),
    );
    const classes = (scores: Float32Array) =>
      Array.from({ length: COUNT }, (_, n) => argmaxOf([...scores.subarray(4 * n, 4 * n + 4)]));
    const own = classes(decoded.get('scores')!.data);
    const same = classes(values[1]!).filter((best, n) => best === own[n]).length;
    expect(report.snn.agreement).toBe(same / COUNT);
    const text = reportText(report);
    expect(text).toMatch(/\nagreement +\d/);
    for (const name of ['map', 'scores', 'value']) expect(text).toMatch(new RegExp(`\\noutput +${name} \\[`));
  });
});
