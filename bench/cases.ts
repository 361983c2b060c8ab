// The networks and operating points that the benchmarks of engines run.
import { fileURLToPath } from 'node:url';
import { openDataset } from '../src/data/dataset.ts';
import type { Preprocessing } from '../src/data/preprocessing.ts';
import { engineNamed } from '../src/engines/index.ts';
import { withSpikeRates } from '../src/metrics/spike-rates.ts';
import { type LoadedModel, loadOnnx } from '../src/onnx/load.ts';
import {
  adjustableLayers,
  calibrate,
  convertModel,
  firstImages,
  type PreparedModel,
  prepare,
  preprocessingFor,
} from '../src/pipeline.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import type { Network } from '../src/snn/network/network.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../src/tensor/tensor.ts';

export interface Case {
  readonly name: string;
  readonly model: string;
  readonly images: string;
  readonly preprocessing: Partial<Preprocessing>;
  readonly T: number;
  readonly beta: number;
  readonly Ts?: number;
  readonly phi?: number;
  readonly encoder?: 'analog';
  /** What amplitudes are multiplied by: the larger they are, the fewer spikes carry the same values. */
  readonly amplitudes?: number;
  /** Whether neurons look ahead. */
  readonly lookAhead?: boolean;
  /** The float32 ANN that the time is compared with, where it is not the model itself. */
  readonly ann?: string;
  /** Batches to try; fewer where images are large. */
  readonly batches?: readonly number[];
  /** Images that are calibrated on. */
  readonly limit?: number;
}

const TORCHVISION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const CIFAR = '../shared/data/cifar10-calibration-1000.npz';
const IMAGENET = '../shared/data/imagenet-calibration-100';

export const CASES: readonly Case[] = [
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
    images: CIFAR,
    preprocessing: TORCHVISION,
    T: 12,
    beta: 1.5,
  },
  {
    name: 'ResNet-20, T 8, phi 2/3',
    model: '../shared/models/cifar10/resnet20.onnx',
    images: CIFAR,
    preprocessing: TORCHVISION,
    T: 8,
    beta: 2,
    Ts: 1,
    phi: 2 / 3,
  },
  {
    name: 'ResNet-20 int8, T 8, phi 2/3',
    model: '../shared/models/cifar10/resnet20-qat8.onnx',
    ann: '../shared/models/cifar10/resnet20.onnx',
    images: CIFAR,
    preprocessing: { ...TORCHVISION, scale: 255 },
    T: 8,
    beta: 2,
    Ts: 1,
    phi: 2 / 3,
  },
  {
    name: 'SqueezeNet, T 10, phi 2/3',
    model: '../shared/models/imagenet/squeezenet1.1.onnx',
    images: IMAGENET,
    preprocessing: TORCHVISION,
    T: 10,
    beta: 2,
    Ts: 2,
    phi: 2 / 3,
    limit: 4,
    batches: [1, 2],
  },
  {
    name: 'MobileNetV2, T 10, phi 2/3',
    model: '../shared/models/imagenet/mobilenetv2.onnx',
    images: IMAGENET,
    preprocessing: TORCHVISION,
    T: 10,
    beta: 2,
    Ts: 2,
    phi: 2 / 3,
    limit: 4,
    batches: [1, 2],
  },
];

const CIFAR_OWN = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

/** Further networks that the cost table is fitted to: wide layers, depthwise ones, a fused pool, small integers, what no kernel does. */
export const FURTHER_CASES: readonly Case[] = [
  {
    name: 'LeNet-5 max, T 8',
    model: '../shared/models/mnist/lenet5-max.onnx',
    images: '../shared/data/mnist/calibration-1000.npz',
    preprocessing: {},
    T: 8,
    beta: 2,
  },
  {
    name: 'VGG-11 half, T 12',
    model: '../shared/models/cifar10/vgg11-half.onnx',
    images: CIFAR,
    preprocessing: TORCHVISION,
    T: 12,
    beta: 1.5,
  },
  {
    name: 'tinymobilenet, T 16',
    model: '../shared/models/cifar10/tinymobilenet/model.onnx',
    images: CIFAR,
    preprocessing: CIFAR_OWN,
    T: 16,
    beta: 1.5,
  },
  {
    name: 'tinymobilenet int8, T 8',
    model: '../shared/models/cifar10/tinymobilenet/model_int8.onnx',
    images: CIFAR,
    preprocessing: CIFAR_OWN,
    T: 8,
    beta: 2,
    Ts: 2,
  },
  {
    name: 'ResNet-20, direct coding, T 8',
    model: '../shared/models/cifar10/resnet20.onnx',
    images: CIFAR,
    preprocessing: TORCHVISION,
    T: 8,
    beta: 2,
    encoder: 'analog',
  },
  {
    name: 'ResNet-20 int8, direct coding, looking ahead, T 8',
    model: '../shared/models/cifar10/resnet20-qat8.onnx',
    images: CIFAR,
    preprocessing: { ...TORCHVISION, scale: 255 },
    T: 8,
    beta: 2,
    encoder: 'analog',
    lookAhead: true,
  },
  {
    name: 'digits int8, T 8',
    model: 'models/digits-int8.onnx',
    images: 'calibration/digits-calibration.npz',
    preprocessing: { scale: 16 },
    T: 8,
    beta: 2,
    Ts: 2,
  },
];

/** The project's root, seen from where the benchmark is built to. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Images that a case brings along. */
const FEW = 16;

/** Images that spike rates are measured on, as `convert` does. */
const RATED = 4;

/** A case converted, with a few images as its network expects them. */
export async function converted(entry: Case): Promise<{
  readonly model: PreparedModel;
  /** The file of the ANN that the time is compared with. */
  readonly ann: LoadedModel;
  readonly network: Network;
  readonly images: FloatTensor;
}> {
  const { T, beta, Ts, phi = 1 / 2, limit = 100 } = entry;
  const model = await prepare(`${root}${entry.model}`);
  const dataset = await openDataset(`${root}${entry.images}`, { limit });
  const preprocessing = preprocessingFor(dataset, entry.preprocessing);
  const calibration = await calibrate(model, dataset, preprocessing);
  const { encoder, lookAhead = false, amplitudes = 1 } = entry;
  const coding = codingOf('css', { T, beta, phi, Ts, encoder });
  const images = await firstImages(model, dataset, preprocessing, FEW);
  const network = await withSpikeRates(
    convertModel(model, calibration, coding, {
      percentile: 99.99,
      lookAhead,
      adjusted: {
        scales: new Map([...adjustableLayers(model)].map((layer) => [layer, amplitudes])),
        rounds: 0,
      },
    }),
    engineNamed('event'),
    headOf(images, RATED),
  );
  const ann = entry.ann === undefined ? model.file : await loadOnnx(`${root}${entry.ann}`);
  return { model, ann, network, images };
}

/** The first images. */
export function headOf(images: FloatTensor, count: number): FloatTensor {
  return repeated(images, Math.min(count, images.shape[0]!));
}

/** `count` images, the few again and again. */
export function repeated(images: FloatTensor, count: number): FloatTensor {
  const out = floatTensor([count, ...images.shape.slice(1)]);
  const size = sizeOf(images.shape.slice(1));
  for (let i = 0; i < count; i++) {
    const from = i % images.shape[0]!;
    out.data.set(images.data.subarray(from * size, (from + 1) * size), i * size);
  }
  return out;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
