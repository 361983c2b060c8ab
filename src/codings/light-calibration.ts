// Light bias calibration: layer after layer, the bias of each channel takes up what the mean of its spikes lacks.
import { openSession } from '../runtime/session.ts';
import { type FloatTensor, sizeOf } from '../tensor/tensor.ts';
import type { BaselineNeuron, LayerAmplitudes } from './baseline-coding.ts';
import { inBatches } from './batches.ts';
import { channelStatistics } from './layer-values.ts';
import { OUTPUTS } from './model-parts.ts';
import { type CodingSubject, neuronsOf } from './subject.ts';
import { synchronousModel } from './synchronous-model.ts';

/** Images that it looks at. */
const IMAGES = 32;

/**
 * b += mean(ANN) - mean(SNN over T steps) for each channel, over images and positions, each layer with those before it
 * corrected already (Li et al. 2021).
 */
export async function lightBiases(
  whole: CodingSubject,
  neuron: BaselineNeuron,
  amplitudes: LayerAmplitudes,
  T: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const subject = { ...whole, images: firstOf(whole.images, IMAGES) };
  const ann = await channelStatistics(subject);
  const biases = new Map<string, readonly number[]>();
  for (const { output } of neuronsOf(subject)) {
    const snn = await spikeMeans(subject, neuron, { amplitudes, biases }, output, T);
    biases.set(
      output,
      Array.from(ann.get(output)!.mean, (mean, c) => mean - snn[c]!),
    );
  }
  return biases;
}

/** The mean over steps, images and positions of what each channel's spikes carry. */
async function spikeMeans(
  subject: CodingSubject,
  neuron: BaselineNeuron,
  settings: Parameters<typeof synchronousModel>[2],
  layer: string,
  T: number,
): Promise<Float64Array> {
  const model = synchronousModel(subject, { neuron: () => neuron }, settings, T, { sums: [layer] });
  const session = await openSession(model, { where: 'light calibration' });
  const { shape } = neuronsOf(subject).find(({ output }) => output === layer)!;
  const [channels = 1] = shape;
  const area = sizeOf(shape) / channels;
  const means = new Float64Array(channels);
  const per = T * area * subject.images.shape[0]!;
  try {
    for (const { feeds } of inBatches(subject, session, subject.images)) {
      const sums = (await session.run(feeds, [OUTPUTS.sums(layer)])).get(OUTPUTS.sums(layer))!.data;
      for (let i = 0; i < sums.length; i++) means[Math.floor(i / area) % channels]! += sums[i]! / per;
    }
  } finally {
    await session.release();
  }
  return means;
}

function firstOf(images: FloatTensor, count: number): FloatTensor {
  const [all = 0, ...shape] = images.shape;
  const taken = Math.min(count, all);
  return { dtype: 'float32', shape: [taken, ...shape], data: images.data.subarray(0, taken * sizeOf(shape)) };
}
