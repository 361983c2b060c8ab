// Layout operators (Reshape, Slice, Concat, Transpose, Pad ...) have no node in NIR. A value is followed through them as a list
// of where its elements come from, and becomes a Flatten, a selecting 1x1 convolution or a selecting matrix where it is read.
import type { NirNode } from '../nir/graph.ts';
import { floatTensor, type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';

/** What one NIR node contributes to a value. */
export interface Term {
  readonly node: string;
  /** Shape that the NIR node puts out. */
  readonly shape: Shape;
  /** For each element of the value 1 + its index in what the node puts out, 0 where there is none; null: all, as they are. */
  readonly from: Float64Array | null;
  /** The layout operators on the way, for messages. */
  readonly via: readonly string[];
}

/** The elements that a selecting node may have; a larger one would be most of the file. */
const LARGEST_SELECTION = 2 ** 24;
/** Kernels of selecting convolutions: zeros around the one tap that is 1. */
const LARGEST_KERNEL = 32;

/** The term's elements under the batch of 1 that operators see, numbered from 1. */
export function numbered({ from, shape }: Pick<Term, 'from' | 'shape'>, valueShape: Shape): Tensor {
  const numbers = from ?? Float64Array.from({ length: sizeOf(shape) }, (_, i) => i + 1);
  return tensor('float64', [1, ...valueShape], numbers);
}

/** The nodes, one behind the other, that make a value of `shape` of the term; null where NIR has none or they would be too large. */
export function layoutNodes(term: Term, shape: Shape): NirNode[] | null {
  const size = sizeOf(term.shape);
  const from = term.from;
  const inOrder = from === null || (from.length === size && from.every((number, i) => number === i + 1));
  if (inOrder && sameAs(term.shape, shape)) return [];
  const flatten: NirNode = { type: 'Flatten', input_type: term.shape, start_dim: 0, end_dim: -1 };
  if (shape.length === 1) {
    const flat = term.shape.length === 1 ? [] : [flatten];
    if (inOrder) return flat;
    if (size * shape[0]! > LARGEST_SELECTION) return null;
    const weight = floatTensor([shape[0]!, size]);
    from!.forEach((number, row) => {
      if (number > 0) weight.data[row * size + number - 1] = 1;
    });
    return [...flat, { type: 'Linear', weight }];
  }
  if (from === null || shape.length !== 3 || term.shape.length !== 3) return null;
  const selection = selectingConvolution(from, term.shape, shape);
  return selection === null ? null : [selection];
}

/** A convolution that picks channels, rows and columns, where each can be picked without looking at the others. */
function selectingConvolution(from: Float64Array, input: Shape, output: Shape): NirNode | null {
  const origin = originsByAxis(from, input, output);
  if (origin === null) return null;
  const [rows, columns] = [1, 2].map((axis) => slide(origin[axis]!, input[axis]!));
  if (rows == null || columns == null) return null;
  const [channels, ofChannels] = [output[0]!, input[0]!];
  const shape = [channels, ofChannels, rows.kernel, columns.kernel];
  if (sizeOf(shape) > LARGEST_SELECTION) return null;
  const weight = floatTensor(shape);
  origin[0]!.forEach((channel, out) => {
    if (channel < 0) return;
    const kernel = (out * ofChannels + channel) * rows.kernel;
    weight.data[(kernel + rows.tap) * columns.kernel + columns.tap] = 1;
  });
  return {
    type: 'Conv2d',
    input_shape: [input[1]!, input[2]!],
    weight,
    stride: [rows.stride, columns.stride],
    padding: [rows.padding, columns.padding],
    dilation: [1, 1],
    groups: 1,
    bias: floatTensor([channels]),
  };
}

/** For each axis the origin of every position of the output, -1 for zeros; null where elements do not move by axes. */
function originsByAxis(from: Float64Array, input: Shape, output: Shape): number[][] | null {
  const origin = output.map((size) => new Array<number>(size).fill(-1));
  const sizes = [output[1]! * output[2]!, output[2]!, 1];
  const ofInput = [input[1]! * input[2]!, input[2]!, 1];
  for (let i = 0; i < from.length; i++) {
    if (from[i] === 0) continue;
    for (let axis = 0; axis < 3; axis++) {
      const at = Math.floor(i / sizes[axis]!) % output[axis]!;
      origin[axis]![at] = Math.floor((from[i]! - 1) / ofInput[axis]!) % input[axis]!;
    }
  }
  for (let i = 0; i < from.length; i++) {
    const at = [0, 1, 2].map((axis) => origin[axis]![Math.floor(i / sizes[axis]!) % output[axis]!]!);
    const expected = at.some((index) => index < 0)
      ? 0
      : 1 + at.reduce((sum, index, axis) => sum + index * ofInput[axis]!, 0);
    if (from[i] !== expected) return null;
  }
  return origin;
}

interface Slide {
  readonly stride: number;
  readonly padding: number;
  readonly kernel: number;
  /** Position of the 1 in the kernel. */
  readonly tap: number;
}

/** How a window slides over an axis of `size` to pick those positions, -1 for zeros around it; null where none does. */
function slide(origins: readonly number[], size: number): Slide | null {
  const known = origins.flatMap((origin, at) => (origin < 0 ? [] : [{ origin, at }]));
  const [first, second] = known;
  if (first === undefined) return { stride: 1, padding: 0, kernel: 1, tap: 0 };
  const stride = second === undefined ? 1 : (second.origin - first.origin) / (second.at - first.at);
  if (!Number.isInteger(stride) || stride < 1) return null;
  const offset = first.origin - first.at * stride;
  const fits = origins.every((origin, at) => {
    const wanted = at * stride + offset;
    return origin === (wanted >= 0 && wanted < size ? wanted : -1);
  });
  if (!fits) return null;
  for (let padding = Math.max(0, -offset); padding < LARGEST_KERNEL; padding++) {
    const tap = offset + padding;
    for (let kernel = tap + 1; kernel <= LARGEST_KERNEL; kernel++) {
      const outputs = Math.floor((size + 2 * padding - kernel) / stride) + 1;
      if (outputs === origins.length) return { stride, padding, kernel, tap };
    }
  }
  return null;
}

function sameAs(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
