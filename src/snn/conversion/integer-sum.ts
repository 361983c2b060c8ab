// Values of a quantized network as sums of whole numbers, each in a unit of its own.
import { type LinearNode, opOf } from '../../graph/graph.ts';
import { unitAt } from '../../ops/unit.ts';
import { broadcastIndex } from '../../tensor/broadcast.ts';
import { type Shape, sizeOf, type Tensor, tensor } from '../../tensor/tensor.ts';

/** One unit for a whole value, or one for each of its elements. */
export type Units = number | Float64Array;

/** What an ANN value is made of. */
export interface IntegerSum {
  readonly shape: Shape;
  readonly terms: readonly { readonly value: string; readonly units: Units }[];
  /** Added once per image, one number for each element; null where nothing is. */
  readonly constant: Float64Array | null;
}

/** The unit of element `i`. */
export function unitOf(units: Units, i: number): number {
  return typeof units === 'number' ? units : units[i]!;
}

/** A unit per channel as one for each element. */
export function spread(theta: number | readonly number[], shape: Shape): Units {
  if (typeof theta === 'number') return theta;
  const area = sizeOf(shape.slice(1));
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => unitAt(theta, Math.floor(i / area)));
}

/** The unit of every element of an image of `shape`. */
export function perElement(units: Units, shape: Shape): Float64Array {
  return typeof units === 'number' ? new Float64Array(sizeOf(shape)).fill(units) : units;
}

/** A unit for each output channel, or for all of them. */
export function perOutput(units: readonly number[], shape: Shape): Units {
  return units.length === 1 ? units[0]! : spread(units, shape);
}

/** One number where all elements that carry anything have one unit. */
export function uniform(units: Float64Array): Units {
  const first = units.find((unit) => unit !== 0) ?? 0;
  return units.every((unit) => unit === first) ? first : units;
}

/** units / theta for each of `size` elements: what one count is worth where the sum is compared. */
export function divided(units: Units, theta: Units, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => unitOf(units, i) / unitOf(theta, i));
}

/** The values as float64: a scalar, one for each channel, or one for each element, whichever is enough. */
export function compact(values: Float64Array, shape: Shape): Tensor {
  if (values.every((value) => value === values[0])) return tensor('float64', [], [values[0]!]);
  const area = sizeOf(shape.slice(1));
  const channels = Float64Array.from({ length: shape[0]! }, (_, c) => values[c * area]!);
  const plain = values.every((value, i) => value === channels[Math.floor(i / area)]!);
  return plain ? tensor('float64', [shape[0]!], channels) : tensor('float64', shape, values);
}

/** Values of one image as a batch of 1: [1, ...shape]. */
export function imageTensor(values: Float64Array, shape: Shape): Tensor {
  return tensor('float64', [1, ...shape], values);
}

/** A constant operand at every element of an image. */
export function overImage(constant: Tensor, shape: Shape): Float64Array {
  return Float64Array.from(broadcastIndex(constant.shape, [1, ...shape]), (index) => constant.data[index]!);
}

/** What a linear node makes of operands with a batch axis of 1, in float64 (`evaluate` keeps the type of the first). */
export function applied(node: LinearNode, operands: readonly Tensor[]): Float64Array {
  return opOf(node).evaluate(node.attributes, operands)[0]!.data as Float64Array;
}
