// Runs the normalised ANN over calibration images and measures the tensors that will be carried by spikes.
import type { Dataset } from '../data/dataset.ts';
import { type Preprocessing, preprocess } from '../data/preprocessing.ts';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { type CanonicalGraph, imageShape, type ValueId } from '../graph/graph.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import type { Progress } from '../progress.ts';
import { runBatches } from '../runtime/activations.ts';
import { openSession } from '../runtime/session.ts';
import { packedShape, unpackImages } from '../tensor/packed.ts';
import { emptyHistogram, type Histogram, observe } from './histogram.ts';

/** Images read and run at once. */
const CHUNK = 128;

/**
 * Observes |x| of the input and of every listed value over a data set.
 * @param layers the layer's name in the result, and the value of the graph that it carries
 * @throws Ann2SnnError `invalid-data` when an activation is NaN or infinite.
 */
export async function observeActivations(
  graph: CanonicalGraph,
  layers: readonly { readonly layer: string; readonly value: ValueId }[],
  dataset: Dataset,
  preprocessing: Preprocessing,
  progress: Progress = () => {},
): Promise<ReadonlyMap<string, Histogram>> {
  const { inputs } = graph;
  const shapes = inputs.map((input) => imageShape(graph, input));
  const shape = packedShape(shapes);
  const values = [...new Set(layers.map(({ value }) => value))].filter((value) => !inputs.includes(value));
  const session = await openSession(graphToOnnx(graph, { freeBatch: true, expose: values }), {
    where: 'normalised graph',
  });
  const histograms = new Map<string, Histogram>(
    [...inputs, ...values].map((value) => [value, emptyHistogram()]),
  );
  const add = (value: string, data: Float32Array) => {
    try {
      observe(histograms.get(value)!, data);
    } catch (error) {
      throw new Ann2SnnError('invalid-data', { where: `value "${value}"`, message: messageOf(error) });
    }
  };
  try {
    for (let from = 0; from < dataset.count; from += CHUNK) {
      const to = Math.min(from + CHUNK, dataset.count);
      const images = preprocess(await dataset.read(from, to), preprocessing, shape);
      unpackImages(shapes, images).forEach(({ data }, i) => {
        add(inputs[i]!, data);
      });
      if (values.length > 0) {
        await runBatches(session, images, null, values, (outputs) => {
          for (const [value, activations] of outputs) add(value, activations.data as Float32Array);
        });
      }
      progress(to, dataset.count);
    }
  } finally {
    await session.release();
  }
  return new Map([
    ...inputs.map((input) => [input as string, histograms.get(input)!] as const),
    ...layers.map(({ layer, value }) => [layer, histograms.get(value)!] as const),
  ]);
}
