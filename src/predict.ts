// Images -> what the network answers: decoded outputs, and classes where an output is a vector of scores.
import type { Dataset } from './data/dataset.ts';
import { preprocess } from './data/preprocessing.ts';
import { decided } from './engines/auto/index.ts';
import type { Engine, Trace } from './engines/engine.ts';
import { argmax, scoredReadout, topClasses } from './metrics/accuracy.ts';
import { imageShapeOf } from './snn/network/inputs.ts';
import { type Network, type ReadoutNode, readouts } from './snn/network/network.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf, type Tensor } from './tensor/tensor.ts';

export interface Prediction {
  readonly image: string;
  /**
   * Classes by falling score; logits are decoded at the last step, in the ANN's units. Empty where no output is a vector of
   * scores.
   */
  readonly top: readonly { readonly class: number; readonly logit: number; readonly probability: number }[];
  /** The class with the highest score after each step, 1 to T; empty as `top`. */
  readonly answers: readonly number[];
  /** Every output in a few numbers. */
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: Shape;
    readonly smallest: number;
    readonly largest: number;
    readonly mean: number;
  }[];
}

const TOP = 5;

/** Decoded outputs of some images at every step. */
export type Decoded = Pick<Trace, 'images' | 'logits'>;

/** What images are read from: a data set, or pictures in memory. */
type Images = Pick<Dataset, 'count' | 'read'> & { readonly path?: string };

/** Runs pictures [N, C, H, W], or a data set, through the network, a batch at a time. */
export async function decode(network: Network, chosen: Engine, pictures: Tensor | Images): Promise<Decoded> {
  const engine = decided(chosen, network);
  const { count, read, path } = 'dtype' in pictures && 'data' in pictures ? inMemory(pictures) : pictures;
  const shape = imageShapeOf(network);
  const batch = engine.batch(network);
  const compiled = await engine.compile(network);
  try {
    const traces: Trace[] = [];
    for (let from = 0; from < count; from += batch) {
      const raw = await read(from, Math.min(from + batch, count));
      traces.push(await compiled.run(preprocess(raw, network.preprocessing, shape, path)));
    }
    return joined(network, traces, count);
  } finally {
    await compiled.release();
  }
}

function inMemory({ dtype, shape, data }: Tensor): Images {
  const [count = 0, ...image] = shape;
  const size = sizeOf(image);
  return {
    count,
    read: async (from, to) => ({
      dtype,
      shape: [to - from, ...image],
      data: data.subarray(from * size, to * size),
    }),
  };
}

/** Batches one after the other, in each step [T, N, ...]. */
function joined(network: Network, traces: readonly Trace[], images: number): Decoded {
  const { T } = network.coding;
  const joinedOf = ({ name, shape }: ReadoutNode) => {
    const size = sizeOf(shape);
    const out = new Float32Array(T * images * size);
    let first = 0;
    for (const { images: some, logits } of traces) {
      const values = logits.get(name)!;
      for (let t = 0; t < T; t++) {
        out.set(values.subarray(t * some * size, (t + 1) * some * size), (t * images + first) * size);
      }
      first += some;
    }
    return out;
  };
  return { images, logits: new Map(readouts(network).map((node) => [node.name, joinedOf(node)])) };
}

/** Every output decoded at the last step, [N, ...shape] in the ANN's units; those with a last Softmax in front of it. */
export function decodedOutputs(network: Network, trace: Decoded): ReadonlyMap<string, FloatTensor> {
  return new Map(
    readouts(network).map(({ name, shape }) => [
      name,
      floatTensor([trace.images, ...shape], lastStep(network, trace, name)),
    ]),
  );
}

/** What a run says of each of its pictures. Probabilities are the softmax of the decoded logits. */
export function predictionsOf(network: Network, trace: Decoded, names: readonly string[]): Prediction[] {
  const scores = scoredReadout(network);
  return names.map((image, i) => {
    const outputs = readouts(network).map((readout) =>
      figuresOf(readout, lastStep(network, trace, readout.name), i),
    );
    if (scores === null) return { image, top: [], answers: [], outputs };
    const { name, classes } = scores;
    const logits = trace.logits.get(name)!;
    const size = trace.images * classes;
    return {
      image,
      top: ranked(lastStep(network, trace, name).subarray(i * classes, (i + 1) * classes)),
      answers: Array.from({ length: network.coding.T }, (_, t) =>
        argmax(logits, t * size + i * classes, classes),
      ),
      outputs,
    };
  });
}

/** Runs pictures [N, C, H, W] and says what the network answers to each. */
export async function predict(
  network: Network,
  engine: Engine,
  pictures: Tensor,
  names: readonly string[],
): Promise<Prediction[]> {
  return predictionsOf(network, await decode(network, engine, pictures), names);
}

function lastStep({ coding: { T } }: Network, trace: Decoded, name: string): Float32Array {
  const logits = trace.logits.get(name)!;
  return logits.subarray((logits.length / T) * (T - 1));
}

function figuresOf(
  { name, shape }: ReadoutNode,
  decoded: Float32Array,
  image: number,
): Prediction['outputs'][number] {
  const size = sizeOf(shape);
  const values = decoded.subarray(image * size, (image + 1) * size);
  return {
    name,
    shape,
    smallest: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    largest: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    mean: values.reduce((a, b) => a + b, 0) / size,
  };
}

function ranked(logits: Float32Array): Prediction['top'] {
  const highest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return topClasses(logits, 0, logits.length, TOP).map((index) => ({
    class: index,
    logit: logits[index]!,
    probability: Math.exp(logits[index]! - highest) / sum,
  }));
}
