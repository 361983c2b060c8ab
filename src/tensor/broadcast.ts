// Multidirectional broadcasting as ONNX (and NumPy) define it.
import { type Shape, sizeOf, stridesOf } from './tensor.ts';

/** The shape that both operands broadcast to, or undefined when they do not. */
export function broadcastShape(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[a.length - rank + axis] ?? 1;
    const right = b[b.length - rank + axis] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/**
 * For each element of `target` (row-major) the index of the element of `source` that is broadcast to it.
 * `source` must broadcast to `target`.
 */
export function broadcastIndex(source: Shape, target: Shape): Int32Array {
  const offset = target.length - source.length;
  const own = stridesOf(source);
  const strides = target.map((_, axis) =>
    axis < offset || source[axis - offset] === 1 ? 0 : own[axis - offset]!,
  );
  return gatherIndex(target, strides);
}

/** For each element of `shape` (row-major), `start` plus the dot product of its coordinates with `strides`. */
export function gatherIndex(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const index = new Int32Array(sizeOf(shape));
  if (index.length === 0) return index;
  const coordinate = new Array<number>(shape.length).fill(0);
  let position = start;
  for (let i = 0; i < index.length; i++) {
    index[i] = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++coordinate[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      coordinate[axis] = 0;
    }
  }
  return index;
}
