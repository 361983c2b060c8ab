// Units of running values: an ANN value v is carried as v / unit. A unit is one number or one per channel.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import type { Shape, Tensor } from '../tensor/tensor.ts';
import { floatTensor } from '../tensor/tensor.ts';

export type Unit = number | readonly number[];

export function sameUnit(a: Unit, b: Unit): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const channels = typeof a === 'number' ? (b as readonly number[]).length : a.length;
  return Array.from({ length: channels }, (_, c) => c).every((c) => unitAt(a, c) === unitAt(b, c));
}

/** The unit of channel `c`. */
export function unitAt(unit: Unit, c: number): number {
  return typeof unit === 'number' ? unit : unit[c]!;
}

/** a / b, channel by channel. */
export function unitQuotient(a: Unit, b: Unit): Unit {
  return combined(a, b, (x, y) => x / y);
}

/** a * b, channel by channel. */
export function unitProduct(a: Unit, b: Unit): Unit {
  return combined(a, b, (x, y) => x * y);
}

function combined(a: Unit, b: Unit, combine: (x: number, y: number) => number): Unit {
  if (typeof a === 'number' && typeof b === 'number') return combine(a, b);
  const channels = typeof a === 'number' ? (b as readonly number[]).length : a.length;
  return Array.from({ length: channels }, (_, c) => combine(unitAt(a, c), unitAt(b, c)));
}

/** One number where all channels agree. */
export function simplestUnit(unit: Unit): Unit {
  const first = unitAt(unit, 0);
  return sameUnit(unit, first) ? first : unit;
}

/** One number that stands for the unit: itself, or the largest channel's. */
export function scalarUnit(unit: Unit): number {
  return typeof unit === 'number' ? unit : Math.max(...unit);
}

/** from / to as a constant that multiplies an image of `shape`: a scalar, or [C, 1, ..., 1]. */
export function unitRatio(from: Unit, to: Unit, shape: Shape): Tensor {
  const ratio = unitQuotient(from, to);
  if (typeof ratio === 'number') return floatTensor([], [ratio]);
  return floatTensor([ratio.length, ...shape.slice(1).map(() => 1)], ratio);
}

/** A constant operand that is broadcast over an image of `shape` (batch in front), divided by a unit per channel. */
export function dividedByUnit(constant: Tensor, divisor: Unit, shape: Shape): Tensor {
  if (typeof divisor === 'number') {
    return floatTensor(
      constant.shape,
      Float32Array.from(constant.data, (v) => v / divisor),
    );
  }
  const channels = shape[0]!;
  const perChannel = floatTensor(
    [channels, ...shape.slice(1).map(() => 1)],
    Float32Array.from({ length: channels }, (_, c) => 1 / unitAt(divisor, c)),
  );
  return multiplied(constant, perChannel);
}

function multiplied(a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShape(a.shape, b.shape)!;
  const left = broadcastIndex(a.shape, shape);
  const right = broadcastIndex(b.shape, shape);
  return floatTensor(
    shape,
    Float32Array.from(left, (index, i) => a.data[index]! * b.data[right[i]!]!),
  );
}
