import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, openDataset } from '../src/data/dataset.ts';
import type { Engine } from '../src/engines/engine.ts';
import { engineNamed } from '../src/engines/index.ts';
import { evaluate } from '../src/evaluate.ts';
import { type LoadedModel, loadOnnx } from '../src/onnx/load.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../src/pipeline.ts';
import type { Report } from '../src/report/report.ts';
import { reportText } from '../src/report/text.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import type { Network } from '../src/snn/network/network.ts';
import { CALIBRATION_SET, MODEL, SCALE, TEST_SET } from './cli/digits.ts';
import { annLogits, CLASSES, classesOf } from './cli/digits-ann.ts';

const IMAGES = 20;
const engine = engineNamed('reference');
let network: Network;
let dataset: Dataset;
let ann: LoadedModel;

beforeAll(async () => {
  const model = await prepare(MODEL);
  ann = model.file;
  const set = await openDataset(CALIBRATION_SET);
  const calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
  // Two steps only: few enough for the network to make mistakes, which the counts below must show.
  network = convertModel(model, calibration, codingOf('css', { T: 2 }), { percentile: 99.99 });
  dataset = await openDataset(TEST_SET, { limit: IMAGES });
});

const timeless = ({ seconds: _, ...rest }: Report) => rest;

/** The reference engine in batches of a size, counting what is compiled and released. */
function batched(size: number) {
  const open = { compiled: 0, released: 0, images: [] as number[] };
  const own: Engine = {
    ...engine,
    batch: () => size,
    compile: async (compiledNetwork) => {
      const compiled = await engine.compile(compiledNetwork);
      open.compiled++;
      return {
        run: (images, options) => {
          open.images.push(images.shape[0]!);
          return compiled.run(images, options);
        },
        release: async () => {
          open.released++;
          await compiled.release();
        },
      };
    },
  };
  return { own, open };
}

describe('evaluate', () => {
  it('counts as a plain loop over the logits does', async () => {
    const report = await evaluate(network, dataset, { engine, ann });
    const compiled = await engine.compile(network);
    const raw = await dataset.read(0, IMAGES);
    const images = Float32Array.from(raw.data, (value) => value / SCALE);
    const { logits } = await compiled.run({ dtype: 'float32', shape: [IMAGES, 1, 8, 8], data: images });
    await compiled.release();
    const labels = [...dataset.labels!];
    const share = (classes: number[], others: number[]) =>
      classes.filter((c, i) => c === others[i]).length / IMAGES;
    const size = IMAGES * CLASSES;
    const steps = [0, 1].map((t) => classesOf(logits.get('logits')!.slice(t * size, (t + 1) * size)));
    const annClasses = classesOf(await annLogits(IMAGES));
    expect(report.snn.accuracyPerStep).toEqual(steps.map((classes) => share(classes, labels)));
    expect(report.snn.accuracy).toBe(share(steps[1]!, labels));
    expect(report.snn.agreement).toBe(share(steps[1]!, annClasses));
    expect(report.ann.accuracy).toBe(share(annClasses, labels));
    expect(report.conversionLoss).toBe(report.ann.accuracy! - report.snn.accuracy!);
    expect(report.snn.top5).toBeGreaterThanOrEqual(report.snn.accuracy!);
  });

  it('gives the same figures however the images are batched', async () => {
    const diagnosed = IMAGES;
    const whole = timeless(await evaluate(network, dataset, { engine, ann, diagnosed }));
    for (const size of [1, 7, 64]) {
      const { own, open } = batched(size);
      const report = timeless(await evaluate(network, dataset, { engine: own, ann, diagnosed }));
      // Two more are run to compare the stepped run with.
      expect(open.images.reduce((a, b) => a + b, 0)).toBe(IMAGES + 2);
      const {
        layers,
        outputs,
        diagnosis: [loss],
        memory: _,
        ...rest
      } = report;
      const {
        layers: expected,
        outputs: errors,
        diagnosis: [lost],
        memory: __,
        ...others
      } = whole;
      expect(rest).toEqual(others);
      // Squares of floating point numbers are added up batch by batch, shard by shard.
      expect(loss).toEqual({ ...lost!, error: expect.closeTo(lost!.error, 12) as number });
      expect(outputs[0]!.relativeError).toBeCloseTo(errors[0]!.relativeError!, 12);
      expect(outputs[0]!.worstImage).toBeCloseTo(errors[0]!.worstImage!, 12);
      layers.forEach(({ decodedError, ...layer }, i) => {
        const { decodedError: error, ...same } = expected[i]!;
        expect(layer).toEqual(same);
        if (error === null) expect(decodedError).toBeNull();
        else expect(decodedError).toBeCloseTo(error, 9);
      });
    }
  });

  it('reports progress up to the last image', async () => {
    const seen: string[] = [];
    const progress = (done: number, total: number) => seen.push(`${done}/${total}`);
    await evaluate(network, dataset, { engine: batched(8).own, progress });
    expect(seen).toEqual(['0/20', '8/20', '16/20', '20/20']);
  });

  it('diagnoses as many images as asked for', async () => {
    const { own } = batched(4);
    expect((await evaluate(network, dataset, { engine: own, diagnosed: 5 })).diagnosedImages).toBe(5);
    const none = await evaluate(network, dataset, { engine: own, diagnosed: 0 });
    expect(none.diagnosedImages).toBe(0);
    expect(none.layers.every(({ residualP999 }) => residualP999 === null)).toBe(true);
  });

  it('reports the images until it is stopped, the first batch at least', async () => {
    const controller = new AbortController();
    const { own, open } = batched(2);
    const progress = (done: number) => {
      if (done === 6) controller.abort();
    };
    const report = await evaluate(network, dataset, {
      engine: own,
      ann,
      progress,
      signal: controller.signal,
    });
    expect(report).toMatchObject({ images: 6, diagnosedImages: 6, interrupted: { measured: 6, of: IMAGES } });
    expect(report.latency).toMatchObject({ measured: null, whyNotMeasured: 'interrupted' });
    expect(open).toEqual({ compiled: 1, released: 1, images: [2, 2, 2] });
    const first = await openDataset(TEST_SET, { limit: 6 });
    const whole = await evaluate(network, first, { engine: own, ann });
    expect([report.snn, report.ann, report.spikes]).toEqual([whole.snn, whole.ann, whole.spikes]);
    const signal = AbortSignal.abort();
    expect((await evaluate(network, dataset, { engine: own, signal })).interrupted!.measured).toBe(2);
  });

  it('says how much memory workers need, and that more would need too much', async () => {
    const report = await evaluate(network, dataset, { engine });
    expect(report.workers).toEqual({ used: 1, asked: 1 });
    const text = (used: number, asked: number, allowed: number) =>
      /\nmemory +(.*)\n/.exec(
        reportText({ ...report, memory: { perWorker: 1.5e9, allowed }, workers: { used, asked } }),
      )![1];
    expect(text(2, 2, 4e9)).toBe('about 1.50 GB for each of 2 workers');
    expect(text(1, 4, 9e9)).toBe('about 1.50 GB for each of 1 worker');
    expect(text(2, 4, 4e9)).toBe(
      "about 1.50 GB for each of 2 workers   (4 would take more than 4.00 GB, half of the machine's)",
    );
  });

  it('is not interrupted by what comes after the last batch', async () => {
    const controller = new AbortController();
    const progress = (done: number) => {
      if (done === IMAGES) controller.abort();
    };
    const report = await evaluate(network, dataset, { engine, progress, signal: controller.signal });
    expect(report).toMatchObject({ images: IMAGES, interrupted: null });
  });

  it('releases the engine when the data turns out to be bad', async () => {
    const { own, open } = batched(8);
    const read = async (from: number, to: number) => {
      const images = await dataset.read(from, to);
      return from === 0 ? images : { ...images, data: Float32Array.from(images.data, () => Number.NaN) };
    };
    const work = evaluate(network, { ...dataset, read }, { engine: own, ann });
    await expect(work).rejects.toMatchObject({ code: 'invalid-data' });
    expect(open).toMatchObject({ compiled: 1, released: 1, images: [8] });
  });
});

describe('evaluate refuses', () => {
  it('a number of workers that is none', async () => {
    for (const workers of [0, 1.5, Number.NaN])
      await expect(evaluate(network, dataset, { engine, workers })).rejects.toThrow('a whole number from 1');
  });

  it('labels beyond the classes, before anything runs', async () => {
    const { own, open } = batched(8);
    const wrong = { ...dataset, labels: dataset.labels!.map((label, i) => (i === 3 ? 10 : label)) };
    await expect(evaluate(network, wrong, { engine: own })).rejects.toThrow('10 (image 3)');
    expect(open.compiled).toBe(0);
  });

  it('another ANN than its own', async () => {
    const other = { ...(await loadOnnx(MODEL)), sha256: '00', path: 'other.onnx' };
    await expect(evaluate(network, dataset, { engine, ann: other })).rejects.toMatchObject({
      code: 'invalid-option',
      problems: [{ where: 'other.onnx' }],
    });
  });
});
