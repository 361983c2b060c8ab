// What each layer carries on the calibration images, for rules that need more than the calibration file holds.
import { emptyHistogram, type Histogram, observe } from '../calibration/histogram.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import { runBatches } from '../runtime/activations.ts';
import { openSession } from '../runtime/session.ts';
import type { Shape } from '../tensor/tensor.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';

/** Visits the values [n, ...shape] of every layer, batch by batch. */
async function eachBatch(
  { plan, images }: CodingSubject,
  visit: (layer: string, values: Float32Array, shape: Shape) => void,
): Promise<void> {
  const layers = neuronsOf({ plan }).map(({ output }) => output);
  const session = await openSession(graphToOnnx(plan.graph, { freeBatch: true, expose: layers }), {
    where: 'normalised graph',
  });
  try {
    await runBatches(session, images, null, layers, (outputs) => {
      for (const [layer, values] of outputs) visit(layer, values.data as Float32Array, values.shape);
    });
  } finally {
    await session.release();
  }
}

/** The distribution of every layer's values. */
export async function layerHistograms(subject: CodingSubject): Promise<ReadonlyMap<string, Histogram>> {
  const histograms = new Map<string, Histogram>();
  await eachBatch(subject, (layer, values) => {
    const histogram = histograms.get(layer) ?? emptyHistogram();
    observe(histogram, values);
    histograms.set(layer, histogram);
  });
  return histograms;
}

/** Mean over positions and images, and largest value, of each channel (axis 1) of a layer. */
export interface ChannelStatistics {
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

/** The statistics of every layer's channels. */
export async function channelStatistics(
  subject: CodingSubject,
): Promise<ReadonlyMap<string, ChannelStatistics>> {
  const found = new Map<string, ChannelStatistics>();
  const images = subject.images.shape[0]!;
  await eachBatch(subject, (layer, values, shape) => {
    const channels = shape[1]!;
    const area = values.length / (shape[0]! * channels);
    const { mean, max } = found.get(layer) ?? {
      mean: new Float64Array(channels),
      max: new Float64Array(channels),
    };
    for (let i = 0; i < values.length; i++) {
      const channel = Math.floor(i / area) % channels;
      mean[channel]! += values[i]! / (area * images);
      max[channel] = Math.max(max[channel]!, values[i]!);
    }
    found.set(layer, { mean, max });
  });
  return found;
}
