// `npm run bench`: how long the simulation takes beside the plain ANN in ONNX Runtime, one thread each, measured
// in turn in one run so that a drifting machine cancels out of the ratios. Medians of ROUNDS.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openDataset } from '../src/data/dataset.ts';
import type { Preprocessing } from '../src/data/preprocessing.ts';
import { engineNamed } from '../src/engines/index.ts';
import { calibrate, convertModel, firstImages, prepare, preprocessingFor } from '../src/pipeline.ts';
import { table } from '../src/report/table.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../src/tensor/tensor.ts';

const ROUNDS = 15;
const BATCHES = [1, 2, 3, 4, 8, 16];
const EVENT_BATCH = 4;

interface Case {
  readonly name: string;
  readonly model: string;
  readonly images: string;
  readonly preprocessing: Partial<Preprocessing>;
  readonly T: number;
  readonly beta: number;
  readonly phi?: number;
}

const CASES: readonly Case[] = [
  {
    name: 'digits, T 12',
    model: 'models/digits.onnx',
    images: 'calibration/digits-calibration.npz',
    preprocessing: { scale: 16 },
    T: 12,
    beta: 1.5,
  },
  {
    name: 'LeNet-5 avg, T 8',
    model: '../shared/models/mnist/lenet5-avg.onnx',
    images: '../shared/data/mnist/calibration-1000.npz',
    preprocessing: {},
    T: 8,
    beta: 2,
  },
  {
    name: 'ResNet-20, T 12',
    model: '../shared/models/cifar10/resnet20.onnx',
    images: '../shared/data/cifar10-calibration-1000.npz',
    preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    T: 12,
    beta: 1.5,
  },
  {
    name: 'ResNet-20, T 8, phi 2/3',
    model: '../shared/models/cifar10/resnet20.onnx',
    images: '../shared/data/cifar10-calibration-1000.npz',
    preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    T: 8,
    beta: 2,
    phi: 2 / 3,
  },
];

/** The project's root, seen from where the benchmark is built to. */
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Timed {
  readonly what: string;
  readonly batch: number;
  readonly run: () => Promise<unknown>;
  readonly milliseconds: number[];
}

async function timedInTurn(jobs: readonly Timed[]): Promise<void> {
  for (const job of jobs) for (let i = 0; i < 3; i++) await job.run();
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) {
      const began = performance.now();
      await job.run();
      job.milliseconds.push((performance.now() - began) / job.batch);
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function repeated(images: FloatTensor, count: number): FloatTensor {
  const out = floatTensor([count, ...images.shape.slice(1)]);
  const size = sizeOf(images.shape.slice(1));
  for (let i = 0; i < count; i++) {
    const from = i % images.shape[0]!;
    out.data.set(images.data.subarray(from * size, (from + 1) * size), i * size);
  }
  return out;
}

async function bench({
  name,
  model: path,
  images: imagePath,
  preprocessing,
  T,
  beta,
  phi = 1 / 2,
}: Case): Promise<string[][]> {
  const model = await prepare(`${root}${path}`);
  const dataset = await openDataset(`${root}${imagePath}`, { limit: 100 });
  const filled = preprocessingFor(dataset, preprocessing);
  const calibration = await calibrate(model, dataset, filled);
  const network = convertModel(model, calibration, codingOf('css', { T, beta, phi }), { percentile: 99.99 });
  const few = await firstImages(model, dataset, filled, 16);
  const session = await openOriginal(model.file);
  const compiled = await engineNamed('dense').compile(network);
  const event = await engineNamed('event').compile(network);
  const jobs = BATCHES.flatMap((batch): Timed[] => {
    const images = repeated(few, batch);
    const feeds = new Map([[session.inputNames[0]!, images]]);
    return [
      { what: 'ANN', batch, run: () => session.run(feeds), milliseconds: [] },
      { what: 'dense', batch, run: () => compiled.run(images), milliseconds: [] },
    ];
  });
  // Lists of spikes are walked image by image: the batch does not matter.
  const several = repeated(few, EVENT_BATCH);
  jobs.push({ what: 'event', batch: EVENT_BATCH, run: () => event.run(several), milliseconds: [] });
  await timedInTurn(jobs);
  await session.release();
  await compiled.release();
  await event.release();
  const best = (what: string) =>
    jobs
      .filter((job) => job.what === what)
      .reduce((a, b) => (median(a.milliseconds) <= median(b.milliseconds) ? a : b));
  const ann = best('ANN');
  const row = (job: Timed) => [
    name,
    job.what,
    String(job.batch),
    median(job.milliseconds).toFixed(3),
    job.what === 'ANN' ? '-' : (median(job.milliseconds) / (T * median(ann.milliseconds))).toFixed(2),
  ];
  const dense = best('dense');
  const rows = jobs.map(row);
  rows.push([name, 'dense, best', `${ann.batch} / ${dense.batch}`, row(dense)[3]!, row(dense)[4]!]);
  return rows;
}

const rows: string[][] = [];
for (const entry of CASES) {
  if (existsSync(`${root}${entry.model}`)) rows.push(...(await bench(entry)));
  else console.log(`${entry.name}: skipped, ${entry.model} is absent`);
}
console.log(`${cpus()[0]!.model}, Node ${process.version}, one thread, medians of ${ROUNDS} rounds in turn`);
console.log('"to T x ANN": time of the SNN over T times that of the ANN at its own best batch\n');
console.log(table(['network', 'what', 'batch', 'ms per image', 'to T x ANN'], rows));
