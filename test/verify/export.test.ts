// Exported ONNX models, run by ONNX Runtime alone, on 100 images of real data: against the dense engine bit for bit, against
// the reference engine spike for spike where arithmetic is exact, and by their answers elsewhere.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { dense } from '../../src/engines/dense/index.ts';
import type { CompiledNetwork, Engine } from '../../src/engines/engine.ts';
import { event } from '../../src/engines/event/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { onnx } from '../../src/export/onnx.ts';
import { imageShapeOf } from '../../src/snn/network/inputs.ts';
import { inputEncoders, type Network, readouts, spikingLayers } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { type FloatTensor, sizeOf } from '../../src/tensor/tensor.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { agreementOf } from '../examples/agreement.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';

const IMAGES = 100;
const folder = tempFolder();

const torchvision = (...calibration: string[]) => [...calibration, ...IMAGENET_NORMALISATION];
const images = (path: string, limit = '200') => ['--calibration', shared(`data/${path}`), '--limit', limit];
const mnist = { data: 'mnist/t10k-images-idx3-ubyte.gz' };
const cifar = { data: 'cifar10-test-5000.npz' };
const imagenet = { data: 'imagenet-sample-400' };
const onImagenet = torchvision(...images('imagenet-calibration-100', '20'));
/** What MobileNetV2 wants: css coding at 12 steps loses most of its answers. */
const deep = [...onImagenet, '--coding', 'canonical', '--steps', '10'];

/** How many answers must be the other engine's, of all, and how far logits may be from its, over the largest |logit|. */
const WANTED = { answers: 0.99, logits: 0.03 };

interface Against {
  readonly engine: Engine;
  readonly images: number;
}

/** The reference engine takes 6 and 9 seconds for an image of SqueezeNet and MobileNetV2: it is given a few, event all. */
const FEW = 3;
const exactly: readonly Against[] = [{ engine: reference, images: IMAGES }];
const mostly: readonly Against[] = [
  { engine: event, images: IMAGES },
  { engine: reference, images: FEW },
];

const CASES: readonly {
  readonly model: string;
  readonly data: string;
  readonly options: readonly string[];
  readonly against: readonly Against[];
}[] = [
  {
    ...mnist,
    model: 'mnist/lenet5-avg.onnx',
    options: images('mnist/calibration-1000.npz'),
    against: exactly,
  },
  {
    ...cifar,
    model: 'cifar10/resnet20.onnx',
    options: torchvision(...images('cifar10-calibration-1000.npz')),
    against: exactly,
  },
  { ...cifar, model: 'cifar10/resnet20-qat8.onnx', options: torchvision('--scale', '255'), against: exactly },
  { ...imagenet, model: 'imagenet/squeezenet1.1.onnx', options: onImagenet, against: mostly },
  { ...imagenet, model: 'imagenet/mobilenetv2.onnx', options: deep, against: mostly },
];

/** The exported model of a network, and a way to run it. */
async function exported(network: Network, outputs: readonly string[]) {
  const session = await InferenceSession.create(await onnx.write(network, { outputs }), {
    intraOpNumThreads: 1,
  });
  const { name } = inputEncoders(network)[0]!;
  return {
    run: ({ data, shape }: FloatTensor) =>
      session.run({ [name]: new OrtTensor('float32', data, [...shape]) }),
    release: () => session.release(),
  };
}

/** The number of places at which two arrays differ. */
function differing(found: ArrayLike<unknown>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let others = 0;
  for (let i = 0; i < expected.length; i++) if (found[i] !== expected[i]) others++;
  return others;
}

/** The last step of a readout's logits [T, N, classes]. */
function lastOf({ coding: { T } }: Network, logits: Float32Array): Float32Array {
  return logits.slice((logits.length / T) * (T - 1));
}

interface Comparison {
  /** Final logits of the export that are not the dense engine's, to the last bit. */
  fromDense: number;
  /** Spikes, and those of the export that are not the other engine's. */
  spikes: number;
  otherSpikes: number;
  readonly found: number[];
  readonly expected: number[];
}

/** Runs images through the export, the dense and another engine, in the dense engine's batches. */
async function compare(
  network: Network,
  all: FloatTensor,
  { engine, images: wanted }: Against,
): Promise<Comparison> {
  const integer = network.arithmetic === 'integer';
  const plain = await exported(network, ['logits']);
  const spiking = integer ? await exported(network, ['logits', 'spikes']) : null;
  const engines: CompiledNetwork[] = [await dense.compile(network), await engine.compile(network)];
  const result: Comparison = { fromDense: 0, spikes: 0, otherSpikes: 0, found: [], expected: [] };
  const { name } = readouts(network)[0]!;
  const size = sizeOf(all.shape.slice(1));
  const batch = dense.batch(network);
  for (let from = 0; from < wanted; from += batch) {
    const count = Math.min(batch, wanted - from);
    const data = all.data.slice(from * size, (from + count) * size);
    const some: FloatTensor = { dtype: 'float32', shape: [count, ...all.shape.slice(1)], data };
    const answers = await plain.run(some);
    const own = answers[name]!.data as Float32Array;
    const fast = await engines[0]!.run(some);
    result.fromDense += differing(own, lastOf(network, fast.logits.get(name)!));
    const slow = await engines[1]!.run(some, { spikes: integer });
    result.found.push(...own);
    result.expected.push(...lastOf(network, slow.logits.get(name)!));
    if (spiking === null) continue;
    const traced = await spiking.run(some);
    for (const { name: layer } of spikingLayers(network)) {
      const spikes = slow.layers.get(layer)!.spikes!;
      result.otherSpikes += differing(traced[`spikes/${layer}`]!.data, spikes);
      result.spikes += spikes.reduce((sum, s) => sum + Math.abs(s), 0);
    }
  }
  for (const one of [plain, spiking, ...engines]) await one?.release();
  return result;
}

describe.skipIf(withoutShared)(`exported ONNX on ${IMAGES} images ${NEEDS_SHARED}`, () => {
  it.each(CASES)('$model', async ({ model, data, options, against }) => {
    const path = folder.path('net.snn');
    await succeed('convert', shared(`models/${model}`), ...options, '-o', path);
    const network = await loadNetwork(path);
    const opened = await openDataset(shared(`data/${data}`));
    const all = preprocess(await opened.read(0, IMAGES), network.preprocessing, imageShapeOf(network));
    const classes = sizeOf(readouts(network)[0]!.shape);
    const integer = network.arithmetic === 'integer';
    for (const one of against) {
      const { fromDense, spikes, otherSpikes, found, expected } = await compare(network, all, one);
      const { agreement, largestDifference } = agreementOf(found, expected, 1, classes);
      console.log(
        `${model}: ${fromDense} of ${found.length} logits are not the dense engine's; ` +
          `${Math.round(agreement * one.images)} of ${one.images} answers are those of ${one.engine.name}, ` +
          `logits within ${(100 * largestDifference).toFixed(2)} %` +
          (integer ? `; ${otherSpikes} other spikes beside ${spikes}` : ''),
      );
      expect(fromDense).toBe(0);
      expect(otherSpikes).toBe(0);
      expect(agreement).toBeGreaterThanOrEqual(WANTED.answers);
      expect(largestDifference).toBeLessThanOrEqual(integer ? 0 : WANTED.logits);
      expect(integer).toBe(spikes > 0);
    }
  });
});
