// From raw pixels to the input of a network: channels, layout and x' = (x/scale - mean)/std.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import {
  type FloatTensor,
  floatTensor,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  type Tensor,
  type TypedArray,
} from '../tensor/tensor.ts';
import type { Dataset } from './dataset-reader.ts';

/** The orders of channels that a network may expect. */
export const CHANNEL_ORDERS = ['as-is', 'rgb', 'bgr', 'gray'] as const;

/** How pixels become the network's input. Entries of `mean` and `std` refer to the channels of the network. */
export interface Preprocessing {
  /** Divisor of the pixels, before the mean is taken off. */
  readonly scale: number;
  /** One for all channels, or one per channel; in units of pixel/scale. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What the network was trained on; the data is RGB or grey. 'as-is' leaves the channels in order. */
  readonly channels: (typeof CHANNEL_ORDERS)[number];
}

/** What holds unless given; `scale` depends on the data: see `defaultScale`. */
export const PREPROCESSING_DEFAULTS: Omit<Preprocessing, 'scale'> = {
  mean: [0],
  std: [1],
  channels: 'as-is',
};

/** Weights of red, green and blue in luma: ITU-R BT.601. */
const LUMA = [0.299, 0.587, 0.114] as const;

/** The divisor that brings pixels to 0..1: 255 for uint8; floats are taken to be there already. */
export function defaultScale(dtype: Dataset['dtype']): number {
  return dtype === 'uint8' ? 255 : 1;
}

/** Where the elements of the network's image go: `channel * channelStride + pixel * pixelStride`. */
interface Layout {
  readonly channels: number;
  readonly channelStride: number;
  readonly pixelStride: number;
}

/**
 * Computes x' = (x/scale - mean)/std in float64, rounded once to float32.
 *
 * RGB data becomes luma (not rounded to whole numbers) where the network has one channel or `channels` is
 * 'gray'; one channel is repeated for a network of three; 'bgr' reverses the channels.
 * @param raw [n, C, H, W], [n, F], or [n, C, ...] of any rank
 * @param inputShape one image as the network wants it: [C, H, W], [H, W, C], [C*H*W], [F] for vectors, or [C, ...] as stored
 * @param where what an error calls the images: the path of their data set
 * @returns [n, ...inputShape]
 * @throws Ann2SnnError `invalid-data` where the shapes do not fit or a value is not finite, `invalid-option`
 */
export function preprocess(raw: Tensor, p: Preprocessing, inputShape: Shape, where = 'images'): FloatTensor {
  const [count, ...stored] = raw.shape as [number, ...number[]];
  const image = asSignal(stored, inputShape);
  // A vector has features for channels, one pixel each.
  const [found, pixels] = image.length === 1 ? [image[0]!, 1] : [image[0]!, sizeOf(image.slice(1))];
  const layout = layoutOf(image, inputShape) ?? refuseShape(image, inputShape, where);
  checkOptions(p, image, layout.channels);
  const out = floatTensor([count, ...inputShape]);
  const grey = image.length > 1 && found === 3 && (p.channels === 'gray' || layout.channels === 1);
  const size = sizeOf(image);
  const wanted = sizeOf(inputShape);
  for (let channel = 0; channel < layout.channels; channel++) {
    const mean = p.mean[p.mean.length === 1 ? 0 : channel]!;
    const std = p.std[p.std.length === 1 ? 0 : channel]!;
    const from = found === 1 ? 0 : p.channels === 'bgr' ? found - 1 - channel : channel;
    for (let n = 0; n < count; n++) {
      const source = n * size;
      const target = n * wanted + channel * layout.channelStride;
      for (let i = 0; i < pixels; i++) {
        const x = grey ? luma(raw.data, source + i, pixels) : raw.data[source + from * pixels + i]!;
        out.data[target + i * layout.pixelStride] = (x / p.scale - mean) / std;
      }
    }
  }
  checkFinite(out, count);
  return out;
}

/** [1, H, W] as [H, W] where that is what the network wants: an array [N, H, W] may hold grey pictures or signals. */
function asSignal(stored: Shape, inputShape: Shape): Shape {
  return sameShape(stored, [1, ...inputShape]) && inputShape.length === 2 ? inputShape : stored;
}

function luma(data: TypedArray, red: number, pixels: number): number {
  return LUMA[0] * data[red]! + LUMA[1] * data[red + pixels]! + LUMA[2] * data[red + 2 * pixels]!;
}

/** Fits the network's input to the data's image: the channels as they are first, then converted. Null where nothing fits. */
function layoutOf(image: Shape, inputShape: Shape): Layout | null {
  if (image.length === 1) {
    if (sameShape(image, inputShape)) return { channels: image[0]!, channelStride: 1, pixelStride: 1 };
  } else if (image.length !== 3) {
    const pixels = sizeOf(image.slice(1));
    if (sameShape(image, inputShape)) return { channels: image[0]!, channelStride: pixels, pixelStride: 1 };
  } else {
    const [found, height, width] = image as [number, number, number];
    const pixels = height * width;
    const converted = found === 3 ? [1] : found === 1 ? [3] : [];
    for (const channels of [found, ...converted]) {
      const planar = { channels, channelStride: pixels, pixelStride: 1 };
      if (sameShape(inputShape, [channels, height, width])) return planar;
      if (sameShape(inputShape, [height, width, channels])) {
        return { channels, channelStride: 1, pixelStride: channels };
      }
      if (sameShape(inputShape, [channels * pixels])) return planar;
    }
  }
  return null;
}

function refuseShape(image: Shape, inputShape: Shape, where: string): never {
  const message = `expected images of shape ${showShape(inputShape)}, found ${showShape(image)}; none is scaled or cropped here`;
  const [height, width, channels] = image;
  const turned = image.length === 3 ? [channels!, height!, width!] : image;
  const help =
    image.length === 3 && layoutOf(turned, inputShape) !== null
      ? { help: 'images that lie as [N, H, W, C] are read with --layout nhwc' }
      : {};
  throw new Ann2SnnError('invalid-data', { where, message }, help);
}

function checkOptions(p: Preprocessing, image: Shape, channels: number): void {
  const problems: Problem[] = [];
  if (!(Number.isFinite(p.scale) && p.scale > 0)) {
    problems.push({ where: '--scale', message: `expected a number above 0, found ${p.scale}` });
  }
  for (const where of ['mean', 'std'] as const) {
    const values = p[where];
    if (values.length !== 1 && values.length !== channels) {
      const expected =
        channels === 1 ? '1 number (the input has 1 channel)' : `1 number or ${channels}, one per channel`;
      problems.push({ where: `--${where}`, message: `expected ${expected}, found ${values.length}` });
    }
    const valid = (value: number) => Number.isFinite(value) && (where === 'mean' || value > 0);
    if (!values.every(valid)) {
      const expected = where === 'mean' ? 'finite numbers' : 'numbers above 0';
      problems.push({ where: `--${where}`, message: `expected ${expected}, found ${values.join(', ')}` });
    }
  }
  if (p.channels !== 'as-is' && !(image.length > 1 && [1, 3].includes(image[0]!))) {
    const message = `expected data with 1 or 3 channels for "${p.channels}", found images of shape ${showShape(image)}`;
    problems.push({ where: '--channels', message });
  }
  throwIfAny('invalid-option', problems);
}

/** NaN and infinite pixels stay so through the arithmetic, so the result shows them. */
function checkFinite(images: FloatTensor, count: number): void {
  const size = images.data.length / count;
  const problems: Problem[] = [];
  for (let n = 0; n < count; n++) {
    const wrong = images.data.subarray(n * size, (n + 1) * size).find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    problems.push({ where: `image ${n} of the batch`, message: `expected finite pixels, found ${wrong}` });
  }
  throwIfAny('invalid-data', problems);
}
