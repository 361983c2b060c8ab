// A coding on a data set: accuracy, spikes and synaptic operations after each number of steps, as a trade-off curve.
import { compute45nm } from '../energy/compute-45nm.ts';
import { energyMj } from '../energy/energy-model.ts';
import { argmax } from '../metrics/accuracy.ts';
import type { TradeOffCurve, TradeOffPoint } from '../metrics/trade-off.ts';
import type { Progress } from '../progress.ts';
import { openSession } from '../runtime/session.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { BaselineCoding } from './baseline-coding.ts';
import { inBatches } from './batches.ts';
import { checkSubject } from './check-subject.ts';
import { codingModel } from './coding-model.ts';
import { COUNTED } from './counting.ts';
import { OUTPUTS } from './model-parts.ts';
import { type CodingSubject, neuronsOf, scoresOf } from './subject.ts';
import { chunks, type TestImages } from './test-images.ts';

export { type TestImages, testImages } from './test-images.ts';

type Outputs = ReadonlyMap<string, Tensor>;

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

/** How a run is read. */
interface Reading {
  /** Numbers of steps, in the order of the sums. */
  readonly steps: readonly number[];
  /** What is counted are at least so many steps. */
  readonly atLeast: number;
  /** Steps that the readout leaves out, where more follow. */
  readonly delay: number;
  readonly sums: readonly Sums[];
}

async function measureRun(
  subject: CodingSubject,
  coding: BaselineCoding,
  test: TestImages,
  steps: readonly number[],
  progress: Progress,
): Promise<readonly Sums[]> {
  const atLeast = coding.watched ?? 0;
  const T = Math.max(atLeast, ...steps);
  const settings = await coding.settings(subject, T);
  const session = await openSession(codingModel(subject, coding, settings, T), {
    where: `coding ${coding.name}`,
  });
  const sums = steps.map((): Sums => ({ right: 0, agreeing: 0, spikes: 0, syops: 0 }));
  const reading: Reading = { steps, atLeast, delay: settings.readoutDelay ?? 0, sums };
  try {
    for await (const { images, from } of chunks(subject, test.dataset, test.preprocessing)) {
      for (const { feeds, first, count } of inBatches(subject, session, images)) {
        const outputs = await session.run(feeds);
        addCounts(outputs, count, reading);
        addAnswers(outputs, subject, { first: from + first, count }, test, reading);
        progress(from + first + count, test.dataset.count);
      }
    }
  } finally {
    await session.release();
  }
  return sums;
}

/** Adds the spikes and synaptic operations of images [T, images, 2], or of all steps together, up to each step that is read. */
function addCounts(outputs: Outputs, images: number, { steps, atLeast, sums }: Reading): void {
  const counts = outputs.get(OUTPUTS.counts)!.data;
  const rows = counts.length / (2 * images);
  steps.forEach((T, k) => {
    const counted = Math.min(rows, Math.max(T, atLeast)) * images;
    for (let i = 0; i < counted; i++) {
      sums[k]!.spikes += counts[2 * i + COUNTED.spikes]!;
      sums[k]!.syops += counts[2 * i + COUNTED.syops]!;
    }
  });
}

/** Adds which answers are right, and which are the ANN's. */
function addAnswers(
  outputs: Outputs,
  subject: CodingSubject,
  { first, count }: { readonly first: number; readonly count: number },
  test: TestImages,
  { steps, delay, sums }: Reading,
): void {
  const logits = outputs.get(OUTPUTS.logits)!.data;
  const classes = sizeOf(scoresOf(subject)!.shape);
  const rows = logits.length / (count * classes);
  const scores = new Float64Array(classes);
  steps.forEach((T, k) => {
    // Layer-wise, there is one row: the last.
    const row = Math.min(T, rows) - 1;
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < classes; c++) {
        const at = (step: number) => logits[(step * count + i) * classes + c]!;
        scores[c] = at(row) - (delay > 0 && row >= delay ? at(delay - 1) : 0);
      }
      const answer = argmax(scores, 0, classes);
      if (answer === test.labels[first + i]) sums[k]!.right++;
      if (answer === test.answers[first + i]) sums[k]!.agreeing++;
    }
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
  const macs =
    subject.inputMacs * (coding.schedule === 'synchronous' ? Math.max(steps, coding.watched ?? 0) : 1);
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
