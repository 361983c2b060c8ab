// What the two models of codings have in common: the names of their inputs and outputs, and zeros for any number of images.
import { intAttribute as int } from '../ops/attributes.ts';
import type { GraphBuilder } from '../snn/onnx/builder.ts';
import { type Shape, tensor } from '../tensor/tensor.ts';

/**
 * Names of the models' outputs. All names that no network gave begin with a mark of their own: a Scan's body sees the values
 * around it, and none may be called like another.
 */
export const OUTPUTS = {
  /** Synchronous: sums of the readout's currents up to each step, [T, N, ...shape]; layer-wise: [N, ...shape]. */
  logits: 'coding:logits',
  /** Spikes and synaptic operations (counting.ts); synchronous: of each step, [T, N, 2]; layer-wise: of all, [N, 2]. */
  counts: 'coding:counts',
  /** Every spike of a layer, where they are asked for: [T, N, ...shape], layer-wise of its own window. */
  spikes: (layer: string) => `coding:spikes/${layer}`,
  /** Synchronous: what a layer's spikes have carried in all steps, [N, ...shape], where it is asked for. */
  sums: (layer: string) => `coding:sums/${layer}`,
} as const;

/** The model's input for one input of the network. */
export const imageInput = (name: string): string => `coding:image/${name}`;

export interface RunOptions {
  /** Whether every spike is put out. */
  readonly spikes?: boolean;
  /** Synchronous: the layers whose sums are put out. */
  readonly sums?: readonly string[];
}

/** Zeros [N, ...shape] for as many images as the model is given, each shape once. */
export function zerosFor(graph: GraphBuilder, image: string): (shape: Shape) => string {
  const known = new Map<string, string>();
  return (shape) => {
    const key = shape.join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const batch = graph.node('Shape', [image], { start: int(0), end: int(1) });
    const whole = graph.node('Concat', [batch, graph.indices(shape)], { axis: int(0) });
    const made = graph.node('ConstantOfShape', [whole], {
      value: { type: 'tensor', value: tensor('float32', [1]) },
    });
    known.set(key, made);
    return made;
  };
}
