// Pictures -> classes: what the network answers, after every readout step.
import { preprocess } from './data/preprocessing.ts';
import type { Engine } from './engines/engine.ts';
import { argmax, scoredReadout, topClasses } from './metrics/accuracy.ts';
import { encoderOf, type Network } from './snn/network/network.ts';
import { sizeOf, type Tensor } from './tensor/tensor.ts';

export interface Prediction {
  readonly image: string;
  /** Classes by falling score; logits are decoded at the last step, in the ANN's units. */
  readonly top: readonly { readonly class: number; readonly logit: number; readonly probability: number }[];
  /** The class with the highest score after each step, 1 to T. */
  readonly answers: readonly number[];
}

const TOP = 5;

/** Classifies pictures [N, C, H, W]. Probabilities are the softmax of the decoded logits. */
export async function predict(
  network: Network,
  engine: Engine,
  pictures: Tensor,
  names: readonly string[],
): Promise<Prediction[]> {
  const { name, classes } = scoredReadout(network);
  const images = preprocess(pictures, network.preprocessing, encoderOf(network).shape);
  const compiled = await engine.compile(network);
  try {
    const { T } = network.coding;
    const trace = await compiled.run(images);
    const logits = trace.logits.get(name)!;
    const size = sizeOf([names.length, classes]);
    return names.map((image, i) => {
      const offset = (T - 1) * size + i * classes;
      return {
        image,
        top: ranked(logits.subarray(offset, offset + classes)),
        answers: Array.from({ length: T }, (_, t) => argmax(logits, t * size + i * classes, classes)),
      };
    });
  } finally {
    await compiled.release();
  }
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
