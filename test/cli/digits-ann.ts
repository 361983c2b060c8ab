// The digits' ANN as ONNX Runtime alone answers: the oracle that conversions are held against.
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { openDataset } from '../../src/data/dataset.ts';
import { MODEL, SCALE, TEST_SET } from './digits.ts';

export const CLASSES = 10;

/** Logits [images, 10] of the first test images. */
export async function annLogits(images: number): Promise<Float32Array> {
  const session = await InferenceSession.create(MODEL);
  const { data } = await (await openDataset(TEST_SET)).read(0, images);
  const input = new Tensor(
    'float32',
    Float32Array.from(data, (value) => value / SCALE),
    [images, 1, 8, 8],
  );
  const { logits } = await session.run({ image: input });
  await session.release();
  return logits!.data as Float32Array;
}

/** The class of the largest of ten scores, for each image. */
export function classesOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / CLASSES }, (_, image) => {
    const scores = [...logits.subarray(image * CLASSES, (image + 1) * CLASSES)];
    return scores.indexOf(Math.max(...scores));
  });
}

/** Largest difference of two sets of logits, relative to the largest logit. */
export function difference(a: Float32Array, b: Float32Array): number {
  const largest = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / largest;
}
