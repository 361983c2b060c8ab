// Accuracy and agreement from logits. Ties go to the smaller class index, as in numpy's argmax.
import { type Network, readouts } from '../snn/network/network.ts';
import { type Shape, sizeOf } from '../tensor/tensor.ts';

/** Index of the largest of `classes` values from `offset` on, `stride` apart; -1 when any is NaN. */
export function argmax(values: ArrayLike<number>, offset: number, classes: number, stride = 1): number {
  let best = 0;
  for (let c = 0; c < classes; c++) {
    const value = values[offset + c * stride]!;
    if (Number.isNaN(value)) return -1;
    if (value > values[offset + best * stride]!) best = c;
  }
  return best;
}

/** The `k` largest classes, best first. */
export function topClasses(values: ArrayLike<number>, offset: number, classes: number, k: number): number[] {
  return Array.from({ length: classes }, (_, c) => c)
    .sort((a, b) => values[offset + b]! - values[offset + a]! || a - b)
    .slice(0, k);
}

/** Number of classes of an output of one image: [C], or [C, 1, 1], of two classes or more; null when it is no such vector. */
export function classCount(shape: Shape): number | null {
  const classes = shape[0];
  return classes !== undefined && classes > 1 && sizeOf(shape) === classes ? classes : null;
}

/** An output that is read as class scores. */
export interface ScoredReadout {
  readonly name: string;
  readonly classes: number;
}

/** The output that is read as class scores: the first that is a vector. Null where there is none. */
export function scoredReadout(network: Network): ScoredReadout | null {
  for (const { name, shape } of readouts(network)) {
    const classes = classCount(shape);
    if (classes !== null) return { name, classes };
  }
  return null;
}

/** Running counts of right answers. */
export interface AccuracyCount {
  images: number;
  top1: number;
  top5: number;
}

export function emptyAccuracy(): AccuracyCount {
  return { images: 0, top1: 0, top5: 0 };
}

/** Adds logits [n, classes] with their labels. */
export function addAccuracy(count: AccuracyCount, logits: Float32Array, labels: ArrayLike<number>): void {
  const classes = logits.length / labels.length;
  for (let image = 0; image < labels.length; image++) {
    const offset = image * classes;
    const label = labels[image]!;
    count.images++;
    if (argmax(logits, offset, classes) === label) count.top1++;
    if (topClasses(logits, offset, classes, 5).includes(label)) count.top5++;
  }
}
