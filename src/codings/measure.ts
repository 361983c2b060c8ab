// A coding on a data set: accuracy, spikes and synaptic operations after each number of steps, as a trade-off curve.
import type { Dataset } from '../data/dataset.ts';
import { type Preprocessing, preprocess } from '../data/preprocessing.ts';
import { compute45nm } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import { Ann2SnnError } from '../errors.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import { argmax } from '../metrics/accuracy.ts';
import type { TradeOffCurve, TradeOffPoint } from '../metrics/trade-off.ts';
import type { Progress } from '../progress.ts';
import { collectOutputs, feedsOf } from '../runtime/activations.ts';
import { openSession, type Session } from '../runtime/session.ts';
import { plannedInputs } from '../snn/plan/planned.ts';
import { packedShape } from '../tensor/packed.ts';
import { type FloatTensor, sizeOf } from '../tensor/tensor.ts';
import type { BaselineCoding } from './baseline-coding.ts';
import { checkSubject } from './check-subject.ts';
import { codingModel } from './coding-model.ts';
import { COUNTED } from './counting.ts';
import { OUTPUTS } from './model-parts.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';

/** The images that all codings of a comparison are measured on, and what the ANN says of them. */
export interface TestImages {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly labels: ArrayLike<number>;
  /** The class that the ANN chooses for each image. */
  readonly answers: Int32Array;
  /** Fraction of the images that the ANN has right. */
  readonly annAccuracy: number;
}

/** Images read at once. */
const CHUNK = 128;

/** Elements of all layers of the images that a model is given at once, at most: what a cache holds, not what memory does. */
const MOST_NEURONS = 2 ** 20;

/** Runs the ANN on the data set. @throws Ann2SnnError `invalid-data` without labels or where no output is a vector of scores. */
export async function testImages(
  subject: CodingSubject,
  dataset: Dataset,
  preprocessing: Preprocessing,
): Promise<TestImages> {
  const { labels } = dataset;
  const scores = scoresOf(subject);
  if (labels === null || scores === null) {
    throw new Ann2SnnError('invalid-data', {
      where: dataset.path,
      message:
        scores === null
          ? 'expected a network with an output that is a vector of class scores, found none'
          : 'expected labelled images, found no labels',
    });
  }
  const { ann } = subject;
  const classes = sizeOf(scores.shape);
  const answers = new Int32Array(dataset.count);
  const session = await openSession(graphToOnnx(ann, { freeBatch: true }), { where: 'normalised graph' });
  // A head changes no ranking: the output behind it says the same.
  const output = ann.outputs[outputIndex(subject)]!;
  try {
    for await (const { images, from } of chunks(subject, dataset, preprocessing)) {
      const logits = (await collectOutputs(session, images, null, [output])).get(output)!;
      for (let i = 0; i < images.shape[0]!; i++) answers[from + i] = argmax(logits, i * classes, classes);
    }
  } finally {
    await session.release();
  }
  const right = answers.filter((answer, i) => answer === labels[i]).length;
  return { dataset, preprocessing, labels, answers, annAccuracy: right / dataset.count };
}

function outputIndex(subject: CodingSubject): number {
  return subject.plan.nodes.filter((node) => node.kind === 'readout').indexOf(scoresOf(subject)!);
}

async function* chunks(subject: CodingSubject, dataset: Dataset, preprocessing: Preprocessing) {
  const shape = packedShape(plannedInputs(subject.plan).map((input) => input.shape));
  for (let from = 0; from < dataset.count; from += CHUNK) {
    const to = Math.min(from + CHUNK, dataset.count);
    yield { from, images: preprocess(await dataset.read(from, to), preprocessing, shape) };
  }
}

/** Sums over all images after one number of steps. */
interface Sums {
  right: number;
  agreeing: number;
  spikes: number;
  syops: number;
}

/**
 * Measures a coding.
 * @param options.steps numbers of steps, the coding's own unless given
 * @throws Ann2SnnError `unsupported-operator` naming every node that the coding cannot carry.
 */
export async function measureCoding(
  subject: CodingSubject,
  coding: BaselineCoding,
  test: TestImages,
  options: { readonly steps?: readonly number[]; readonly progress?: Progress } = {},
): Promise<TradeOffCurve> {
  checkSubject(coding, subject);
  const { steps = coding.steps, progress = () => {} } = options;
  const runs = coding.anytime ? [steps] : steps.map((one) => [one]);
  const points: TradeOffPoint[] = [];
  for (const [run, read] of runs.entries()) {
    const sums = await measureRun(subject, coding, test, read, (done, all) =>
      progress(run * all + done, runs.length * all),
    );
    points.push(...read.map((T, i) => pointOf(subject, coding, test, T, sums[i]!)));
  }
  return { name: coding.name, label: coding.summary, points };
}

async function measureRun(
  subject: CodingSubject,
  coding: BaselineCoding,
  test: TestImages,
  read: readonly number[],
  progress: Progress,
): Promise<readonly Sums[]> {
  const T = Math.max(...read);
  const amplitudes = await coding.amplitudes(subject, T);
  const session = await openSession(codingModel(subject, coding, amplitudes, T), {
    where: `coding ${coding.name}`,
  });
  const sums = read.map((): Sums => ({ right: 0, agreeing: 0, spikes: 0, syops: 0 }));
  try {
    for await (const { images, from } of chunks(subject, test.dataset, test.preprocessing)) {
      for (const { batch, first } of batches(subject, images)) {
        await addBatch(session, subject, { batch, first: from + first }, test, read, sums);
        progress(from + first + batch.shape[0]!, test.dataset.count);
      }
    }
  } finally {
    await session.release();
  }
  return sums;
}

function* batches(subject: CodingSubject, images: FloatTensor) {
  const neurons = neuronsOf(subject).reduce((sum, { inputShape }) => sum + sizeOf(inputShape), 1);
  const most = Math.max(1, Math.floor(MOST_NEURONS / neurons));
  const [count = 0, ...shape] = images.shape;
  const size = sizeOf(shape);
  for (let first = 0; first < count; first += most) {
    const taken = Math.min(most, count - first);
    const data = images.data.subarray(first * size, (first + taken) * size);
    const batch: FloatTensor = { dtype: 'float32', shape: [taken, ...shape], data };
    yield { batch, first };
  }
}

/** Runs images and adds what was counted up to each step that is read. */
async function addBatch(
  session: Session,
  subject: CodingSubject,
  { batch, first }: { readonly batch: FloatTensor; readonly first: number },
  test: TestImages,
  read: readonly number[],
  sums: readonly Sums[],
): Promise<void> {
  const outputs = await session.run(feedsOf(session, batch));
  const logits = outputs.get(OUTPUTS.logits)!.data;
  const counts = outputs.get(OUTPUTS.counts)!.data;
  const classes = sizeOf(scoresOf(subject)!.shape);
  const images = batch.shape[0]!;
  const perStep = (column: number) =>
    Array.from({ length: counts.length / (2 * images) }, (_, t) => {
      let sum = 0;
      for (let i = 0; i < images; i++) sum += counts[2 * (t * images + i) + column]!;
      return sum;
    });
  const total = (values: readonly number[], upTo: number) =>
    values.slice(0, upTo).reduce((sum, value) => sum + value, 0);
  const spikes = perStep(COUNTED.spikes);
  const syops = perStep(COUNTED.syops);
  const rows = logits.length / (images * classes);
  read.forEach((T, k) => {
    const sum = sums[k]!;
    for (let i = 0; i < images; i++) {
      // Layer-wise, there is one answer: the last.
      const row = Math.min(T, rows) - 1;
      const answer = argmax(logits, (row * images + i) * classes, classes);
      if (answer === test.labels[first + i]) sum.right++;
      if (answer === test.answers[first + i]) sum.agreeing++;
    }
    sum.spikes += total(spikes, T);
    sum.syops += total(syops, T);
  });
}

function pointOf(
  subject: CodingSubject,
  coding: BaselineCoding,
  test: TestImages,
  steps: number,
  sums: Sums,
): TradeOffPoint {
  const images = test.dataset.count;
  const neurons = neuronsOf(subject).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const syops = sums.syops / images;
  // The image is analog: the first weights multiply it at every step, or once where layers wait for all of their input.
  const macs = subject.inputMacs * (coding.schedule === 'synchronous' ? steps : 1);
  return {
    label: `T ${steps}`,
    steps,
    latency: coding.latency(steps, subject.depth),
    accuracy: sums.right / images,
    images,
    agreement: sums.agreeing / images,
    spikesPerNeuron: neurons === 0 ? 0 : sums.spikes / images / neurons,
    syops,
    macs,
    energyMj: energyMj(compute45nm, { acs: syops, macs }),
  };
}
