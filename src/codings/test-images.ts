// The images that codings are measured on, and what the ANN says of them.
import type { Dataset } from '../data/dataset.ts';
import { type Preprocessing, preprocess } from '../data/preprocessing.ts';
import { Ann2SnnError } from '../errors.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import { argmax } from '../metrics/accuracy.ts';
import { collectOutputs } from '../runtime/activations.ts';
import { openSession } from '../runtime/session.ts';
import { plannedInputs } from '../snn/plan/planned.ts';
import { packedShape } from '../tensor/packed.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { type CodingSubject, scoresOf } from './subject.ts';

/** The images that all codings of a comparison are measured on, and what the ANN says of them. */
export interface TestImages {
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  readonly labels: ArrayLike<number>;
  /** The class that the ANN chooses for each image. */
  readonly answers: Int32Array;
  /** Fraction of the images that the ANN has right. */
  readonly annAccuracy: number;
  /** Classes that it chooses among. */
  readonly classes: number;
}

/** Images read at once. */
const CHUNK = 128;

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
  return { dataset, preprocessing, labels, answers, annAccuracy: right / dataset.count, classes };
}

function outputIndex(subject: CodingSubject): number {
  return subject.plan.nodes.filter((node) => node.kind === 'readout').indexOf(scoresOf(subject)!);
}

/** The images as the network wants them, some at a time, and the index of the first. */
export async function* chunks(subject: CodingSubject, dataset: Dataset, preprocessing: Preprocessing) {
  const shape = packedShape(plannedInputs(subject.plan).map((input) => input.shape));
  for (let from = 0; from < dataset.count; from += CHUNK) {
    const to = Math.min(from + CHUNK, dataset.count);
    const raw = await dataset.read(from, to);
    yield { from, images: preprocess(raw, preprocessing, shape, dataset.path) };
  }
}
