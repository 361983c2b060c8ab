// The library's flow as its users write it: prepare, verify, calibrate, convert, run.
import { beforeAll, describe, expect, it } from 'vitest';
import { type Calibration, parseCalibration } from '../src/calibration/calibration.ts';
import { type Dataset, openDataset } from '../src/data/dataset.ts';
import { engines } from '../src/engines/index.ts';
import { loadOnnx } from '../src/onnx/load.ts';
import {
  calibrate,
  convertModel,
  firstImages,
  type PreparedModel,
  prepare,
  preprocessingFor,
  verify,
} from '../src/pipeline.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import { neuronLayers } from '../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../src/snn/network/network-file.ts';
import { plannedInputs } from '../src/snn/plan/planned.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from './cli/digits.ts';
import { annLogits, CLASSES, classesOf, difference } from './cli/digits-ann.ts';
import { node, tinyOnnx } from './cli/tiny-onnx.ts';
import { tempFolder } from './data/temp-folder.ts';

const folder = tempFolder();
const IMAGES = 20;
const PERCENTILE = { percentile: 99.99 };
let model: PreparedModel;
let set: Dataset;
let calibration: Calibration;

beforeAll(async () => {
  model = await prepare(MODEL);
  set = await openDataset(CALIBRATION_SET);
  calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
});

describe('prepare', () => {
  it('tells the fate of every node of the file, in order, none twice', async () => {
    const { nodes } = (await loadOnnx(MODEL)).model;
    expect(model.fates.map((fate) => [fate.node, fate.op])).toEqual(nodes.map((n) => [n.name, n.opType]));
    expect(new Set(model.fates.map((fate) => fate.node)).size).toBe(nodes.length);
    for (const fate of model.fates) expect(fate.detail).not.toBe('');
    const planned = model.plan.nodes.filter(({ kind }) => kind === 'neuron').length;
    expect(planned).toBe(nodes.filter((n) => n.opType === 'Relu').length);
  });

  it('says of a node that nothing reads that it is dropped', async () => {
    const middle = [node('relu', 'Relu', ['x'], 'y'), node('unread', 'Relu', ['x'], 'nowhere')];
    const { fates } = await prepare(await folder.put('dead.onnx', tinyOnnx({ middle })));
    expect(fates.map(({ node: name, kind }) => [name, kind])).toEqual([
      ['relu', 'neuron'],
      ['unread', 'dropped'],
      ['flat', 'linear'],
      ['head', 'linear'],
    ]);
  });

  it('tells the batch that a file fixes', async () => {
    expect(model.fixedBatch).toBeNull();
    const fixed = await folder.put('fixed.onnx', tinyOnnx({ input: [1, 1, 2, 2] }));
    expect((await prepare(fixed)).fixedBatch).toBe(1);
  });
});

describe('verify', () => {
  it('finds the normalised graph to compute what the file does', async () => {
    const differences = await verify(model, set, preprocessingFor(set, { scale: SCALE }));
    expect(differences.length).toBeGreaterThan(0);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-5);
  });
});

describe('preprocessingFor', () => {
  it('divides bytes by 255 and floats by 1 unless told otherwise', () => {
    const rest = { mean: [0], std: [1], channels: 'as-is' };
    expect(preprocessingFor({ ...set, dtype: 'uint8' }, {})).toEqual({ scale: 255, ...rest });
    expect(preprocessingFor({ ...set, dtype: 'float32' }, {})).toEqual({ scale: 1, ...rest });
    expect(preprocessingFor(set, { scale: 2, mean: [3] })).toEqual({ ...rest, scale: 2, mean: [3] });
  });
});

describe('firstImages', () => {
  it('gives as many as there are', async () => {
    const few = { ...set, count: 3 };
    const images = await firstImages(model, few, preprocessingFor(set, { scale: SCALE }), 16);
    expect(images.shape).toEqual([3, 1, 8, 8]);
    expect(Math.max(...images.data)).toBeLessThanOrEqual(1);
  });
});

describe('calibrate', () => {
  it('measures the input and every neuron layer, and survives its file', () => {
    const neurons = model.plan.nodes.flatMap((n) => (n.kind === 'neuron' ? [n.output] : []));
    expect(Object.keys(calibration.layers).sort()).toEqual(
      [plannedInputs(model.plan)[0]!.name, ...neurons].sort(),
    );
    expect(calibration.layers[plannedInputs(model.plan)[0]!.name]).toMatchObject({ max: 1, count: 300 * 64 });
    expect(parseCalibration(JSON.stringify(calibration), 'calibration')).toEqual(calibration);
  });

  it('keeps the percentiles asked for besides the usual ones, and counts its progress', async () => {
    const seen: number[] = [];
    const few = await openDataset(CALIBRATION_SET, { limit: 10 });
    const { layers } = await calibrate(model, few, preprocessingFor(few, { scale: SCALE }), {
      percentiles: [50],
      progress: (done, total) => seen.push(done / total),
    });
    for (const layer of Object.values(layers)) {
      expect(layer).toHaveProperty('percentiles.50');
      expect(layer).toHaveProperty(['percentiles', '99.99']);
    }
    expect(seen.at(-1)).toBe(1);
  });
});

describe('convertModel', () => {
  it('gives a network that is the same every time and survives its file', () => {
    const network = convertModel(model, calibration, codingOf('css'), PERCENTILE);
    const bytes = writeNetwork(network);
    expect(writeNetwork(convertModel(model, calibration, codingOf('css'), PERCENTILE))).toEqual(bytes);
    expect(readNetwork(bytes, 'network')).toEqual(network);
    expect(network.provenance.model).toEqual(calibration.model);
    expect(neuronLayers(network)).toHaveLength(3);
  });

  it('refuses the calibration of another model', () => {
    const other = { ...calibration, model: { file: 'other.onnx', sha256: '00' } };
    expect(() => convertModel(model, other, codingOf('css'), PERCENTILE)).toThrow(
      'expected the calibration of digits.onnx, found that of another file (other.onnx)',
    );
  });

  it.each(engines.flatMap((engine) => ['css', 'canonical'].map((coding) => [engine, coding] as const)))(
    'runs on $name and answers as the ANN does: $1',
    async (engine, coding) => {
      const network = convertModel(model, calibration, codingOf(coding), PERCENTILE);
      const test = await openDataset(TEST_SET);
      const images = await firstImages(model, test, network.preprocessing, IMAGES);
      const compiled = await engine.compile(network);
      const trace = await compiled.run(images);
      await compiled.release();
      const last = trace.logits.get('logits')!.slice(-IMAGES * CLASSES);
      const expected = await annLogits(IMAGES);
      expect(trace.images).toBe(IMAGES);
      expect(classesOf(last)).toEqual(classesOf(expected));
      expect(difference(last, expected)).toBeLessThan(0.1);
    },
  );
});
