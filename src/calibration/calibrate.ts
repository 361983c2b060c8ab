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
import type { Shape } from '../tensor/tensor.ts';
import { emptyHistogram, type Histogram, observe } from './histogram.ts';

/** Images read and run at once. */
const CHUNK = 128;

/** A tensor that spikes will carry: the layer's name, and the value of the graph that it carries. */
interface Observed {
  readonly layer: string;
  readonly value: ValueId;
}

/**
 * Observes |x| of the input and of every listed value over a data set.
 * @throws Ann2SnnError `invalid-data` when an activation is NaN or infinite.
 */
export async function observeActivations(
  graph: CanonicalGraph,
  layers: readonly Observed[],
  dataset: Dataset,
  preprocessing: Preprocessing,
  progress: Progress = () => {},
): Promise<ReadonlyMap<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  const add = (value: string, data: Float32Array) => {
    const histogram = histograms.get(value) ?? emptyHistogram();
    histograms.set(value, histogram);
    try {
      observe(histogram, data);
    } catch (error) {
      throw new Ann2SnnError('invalid-data', { where: `value "${value}"`, message: messageOf(error) });
    }
  };
  await visitActivations(graph, layers, { dataset, preprocessing, progress }, add);
  return new Map([
    ...graph.inputs.map((input) => [input as string, histograms.get(input) ?? emptyHistogram()] as const),
    ...layers.map(({ layer, value }) => [layer, histograms.get(value) ?? emptyHistogram()] as const),
  ]);
}

/** The largest |x| of each channel of every listed value over a data set: [channels], by layer. */
export async function observeChannelMaxima(
  graph: CanonicalGraph,
  layers: readonly Observed[],
  dataset: Dataset,
  preprocessing: Preprocessing,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const maxima = new Map<string, Float64Array>();
  const add = (value: string, data: Float32Array, [images = 0, channels = 1]: Shape) => {
    const largest = maxima.get(value) ?? new Float64Array(channels);
    maxima.set(value, largest);
    const area = data.length / images / channels;
    for (let i = 0; i < data.length; i++) {
      const channel = Math.floor(i / area) % channels;
      largest[channel] = Math.max(largest[channel]!, Math.abs(data[i]!));
    }
  };
  await visitActivations(graph, layers, { dataset, preprocessing }, add);
  return new Map(layers.map(({ layer, value }) => [layer, [...(maxima.get(value) ?? [])]] as const));
}

/** Runs a data set through the graph and hands over the inputs and every listed value, batch by batch: [n, ...shape]. */
async function visitActivations(
  graph: CanonicalGraph,
  layers: readonly Observed[],
  {
    dataset,
    preprocessing,
    progress,
  }: {
    readonly dataset: Dataset;
    readonly preprocessing: Preprocessing;
    readonly progress?: Progress;
  },
  visit: (value: string, data: Float32Array, shape: Shape) => void,
): Promise<void> {
  const { inputs } = graph;
  const shapes = inputs.map((input) => imageShape(graph, input));
  const shape = packedShape(shapes);
  const values = [...new Set(layers.map(({ value }) => value))].filter((value) => !inputs.includes(value));
  const session = await openSession(graphToOnnx(graph, { freeBatch: true, expose: values }), {
    where: 'normalised graph',
  });
  try {
    for (let from = 0; from < dataset.count; from += CHUNK) {
      const to = Math.min(from + CHUNK, dataset.count);
      const images = preprocess(await dataset.read(from, to), preprocessing, shape, dataset.path);
      unpackImages(shapes, images).forEach((input, i) => {
        visit(inputs[i]!, input.data, input.shape);
      });
      if (values.length > 0) {
        await runBatches(session, images, null, values, (outputs) => {
          for (const [value, { data, shape: own }] of outputs) visit(value, data as Float32Array, own);
        });
      }
      progress?.(to, dataset.count);
    }
  } finally {
    await session.release();
  }
}
