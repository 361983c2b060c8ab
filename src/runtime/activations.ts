// Running an ANN over a data set and looking at chosen values on the way.
import { Ann2SnnError } from '../errors.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { unpackImages } from '../tensor/packed.ts';
import type { FloatTensor, Tensor } from '../tensor/tensor.ts';
import { sizeOf } from '../tensor/tensor.ts';
import type { Session } from './session.ts';

/** Images per ONNX Runtime call when nothing fixes it: at most 32, and fewer of large ones, whose activations are larger still. */
const MOST_IMAGES = 32;
const MOST_PIXELS = 2 ** 20;

/** Images [n, ...image] as a model takes them: several inputs lie side by side in an image, in the order of the model's. */
export function feedsOf(
  { inputNames, inputShapes }: Pick<Session, 'inputNames' | 'inputShapes'>,
  images: FloatTensor,
): Map<string, FloatTensor> {
  const inputs = unpackImages(inputShapes, images);
  return new Map(inputNames.map((name, i) => [name, inputs[i]!]));
}

/**
 * Runs `images` [N, ...image] through a model and hands over the chosen outputs batch by batch.
 * A model whose file fixes the batch to B is run B images at a time, the last call padded with the last image.
 * @param visit receives each output [n, ...] and the index of its first image
 */
export async function runBatches(
  session: Session,
  images: FloatTensor,
  fixedBatch: number | null,
  fetches: readonly string[],
  visit: (outputs: ReadonlyMap<string, Tensor>, first: number, count: number) => void,
): Promise<void> {
  const total = images.shape[0]!;
  const size = sizeOf(images.shape.slice(1));
  const step = fixedBatch ?? Math.max(1, Math.min(MOST_IMAGES, Math.floor(MOST_PIXELS / size)));
  for (let first = 0; first < total; first += step) {
    const count = Math.min(step, total - first);
    const slice = images.data.subarray(first * size, (first + count) * size);
    const batch = fixedBatch === null ? count : fixedBatch;
    const data = count === batch ? slice : padded(slice, size, batch);
    const feed: FloatTensor = { dtype: 'float32', shape: [batch, ...images.shape.slice(1)], data };
    const results = await session.run(feedsOf(session, feed), fetches);
    visit(
      new Map([...results].map(([name, value]) => [name, firstImages(value, count, batch)])),
      first,
      count,
    );
  }
}

/**
 * The same, with every chosen output of all images joined: [N, ...] by name.
 */
export async function collectOutputs(
  session: Session,
  images: FloatTensor,
  fixedBatch: number | null,
  fetches: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const collected = new Map<string, Float32Array>();
  await runBatches(session, images, fixedBatch, fetches, (outputs, first) => {
    for (const [name, value] of outputs) {
      const size = sizeOf(value.shape.slice(1));
      const joined = collected.get(name) ?? new Float32Array(images.shape[0]! * size);
      joined.set(value.data, first * size);
      collected.set(name, joined);
    }
  });
  return collected;
}

/**
 * Size of the batch that a model fixes for its first input, or null where it is free. A dynamically quantized model is run
 * image by image: its scales are those of the whole batch.
 */
export function fixedBatchOf(model: OnnxModel): number | null {
  const batch = model.inputs[0]?.shape?.[0];
  if (typeof batch === 'number') return batch;
  return isDynamic(model) ? 1 : null;
}

/** Whether the file quantizes by scales that depend on the image. */
export function isDynamic({ nodes }: OnnxModel): boolean {
  return nodes.some((node) => node.opType === 'DynamicQuantizeLinear');
}

function padded(slice: Float32Array, size: number, batch: number): Float32Array {
  const data = new Float32Array(batch * size);
  data.set(slice);
  for (let i = slice.length; i < data.length; i += size) data.set(slice.subarray(slice.length - size), i);
  return data;
}

function firstImages(value: Tensor, count: number, batch: number): Tensor {
  if (value.shape[0] !== batch) {
    throw new Ann2SnnError('batch-dependence', {
      where: 'model',
      message: `expected outputs with a batch axis of ${batch}, found [${value.shape.join(', ')}]`,
    });
  }
  if (count === batch) return value;
  const size = sizeOf(value.shape.slice(1));
  return { ...value, shape: [count, ...value.shape.slice(1)], data: value.data.subarray(0, count * size) };
}
