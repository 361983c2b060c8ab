// The weights and pools of NIR as maps that add what each non-zero input causes: a silent input costs nothing, and only
// real connections are walked (borders are none).
import { type Shape, sizeOf, type TypedArray } from '../../tensor/tensor.ts';
import type { NirNodeOf } from '../graph.ts';

/** One linear node over one image: y = W x + b. */
export interface LinearMap {
  readonly shape: Shape;
  /** b over `shape`; absent where there is none. */
  readonly bias?: Float64Array;
  /** Calls back for all connections out of an input element, in runs. */
  connections(source: number, visit: VisitRun): void;
}

/** Connections side by side, in one call: weights[from + k] leads to output element target + k * stride, for k < count. */
export type VisitRun = (
  target: number,
  stride: number,
  weights: Float64Array,
  from: number,
  count: number,
) => void;

/** Adds to `sums` what the elements of `input` cause; zeros cause nothing. */
export function addProducts(map: LinearMap, input: Float32Array, sums: Float64Array): void {
  // One function for all elements: making one for each takes as long as the additions.
  let x = 0;
  const visit: VisitRun = (target, stride, weights, from, count) => {
    for (let k = 0, at = target; k < count; k++, at += stride) sums[at] = sums[at]! + weights[from + k]! * x;
  };
  for (let i = 0; i < input.length; i++) {
    x = input[i]!;
    if (x !== 0) map.connections(i, visit);
  }
}

/** Calls back for each connection out of an input element whose weight is not 0. */
export function eachConnection(
  map: LinearMap,
  source: number,
  visit: (target: number, weight: number) => void,
): void {
  map.connections(source, (target, stride, weights, from, count) => {
    for (let k = 0; k < count; k++) {
      const weight = weights[from + k]!;
      if (weight !== 0) visit(target + k * stride, weight);
    }
  });
}

/** Output elements that each end of a kernel's tap meets. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** Height and width that come out. */
  readonly size: readonly [number, number];
}

/** [in] -> [out] */
export function matrixMap({ weight, ...node }: NirNodeOf<'Affine' | 'Linear'>): LinearMap {
  const [rows, columns] = weight.shape as [number, number];
  const byInput = transposed(weight.data, rows, columns);
  return {
    shape: [rows],
    ...('bias' in node ? { bias: Float64Array.from(node.bias.data) } : {}),
    connections: (source, visit) => visit(0, 1, byInput, source * rows, rows),
  };
}

/** [Cin, H, W] -> [Cout, ...window.size], in groups. */
export function convolutionMap(node: NirNodeOf<'Conv2d'>, input: Shape, window: Window): LinearMap {
  const [outputs, perGroup, kernelHeight, kernelWidth] = node.weight.shape as [
    number,
    number,
    number,
    number,
  ];
  const [, height, width] = input as [number, number, number];
  const [outHeight, outWidth] = window.size;
  const area = outHeight * outWidth;
  const taps = kernelHeight * kernelWidth;
  const outputsPerGroup = outputs / node.groups;
  // [groups][Cin / groups][taps][Cout / groups]: what one input pixel meets through one tap lies side by side.
  const size = outputsPerGroup * perGroup * taps;
  const byInput = Array.from({ length: node.groups }, (_, group) =>
    transposed(node.weight.data.subarray(group * size, (group + 1) * size), outputsPerGroup, perGroup * taps),
  );
  const bias = new Float64Array(outputs * area);
  for (let i = 0; i < bias.length; i++) bias[i] = node.bias.data[Math.floor(i / area)]!;
  return {
    shape: [outputs, outHeight, outWidth],
    bias,
    connections(source, visit) {
      const channel = Math.floor(source / (height * width));
      const group = Math.floor(channel / perGroup);
      eachTap(window, Math.floor(source / width) % height, source % width, (target, tap) => {
        const from = ((channel % perGroup) * taps + tap) * outputsPerGroup;
        visit(group * outputsPerGroup * area + target, area, byInput[group]!, from, outputsPerGroup);
      });
    },
  };
}

/** [C, H, W] -> [C, ...window.size]: sums over windows, times `factor`; the padding of a mean counts as zeros. */
export function poolMap(input: Shape, window: Window, factor: number): LinearMap {
  const [channels, height, width] = input as [number, number, number];
  const area = window.size[0] * window.size[1];
  const weights = Float64Array.of(factor);
  return {
    shape: [channels, ...window.size],
    connections(source, visit) {
      const first = Math.floor(source / (height * width)) * area;
      eachTap(window, Math.floor(source / width) % height, source % width, (target) =>
        visit(first + target, 1, weights, 0, 1),
      );
    },
  };
}

/** y = scale * x, element by element; a scale of one element, or one for each channel, is repeated. */
export function scaleMap(scale: ArrayLike<number>, shape: Shape): LinearMap {
  const run = sizeOf(shape) / scale.length;
  const weights = Float64Array.from(scale);
  return {
    shape,
    connections: (source, visit) => visit(source, 1, weights, Math.floor(source / run), 1),
  };
}

/** The same numbers, in another shape. */
export function sameMap(shape: Shape): LinearMap {
  const one = Float64Array.of(1);
  return { shape, connections: (source, visit) => visit(source, 1, one, 0, 1) };
}

/** Height and width behind a window. */
export function windowOf(
  input: Shape,
  node: {
    readonly kernel: readonly [number, number];
    readonly stride: readonly [number, number];
    readonly padding: readonly [number, number] | 'same' | 'valid';
    readonly dilation?: readonly [number, number];
  },
): Window {
  const { kernel, stride, padding, dilation = [1, 1] } = node;
  const both = <T>(of: (axis: 0 | 1) => T): readonly [T, T] => [of(0), of(1)];
  const reach = both((axis) => dilation[axis] * (kernel[axis] - 1));
  // "same" keeps the size (at stride 1); an odd pixel of padding goes to the end.
  const before = both((axis) =>
    padding === 'same' ? Math.floor(reach[axis] / 2) : padding === 'valid' ? 0 : padding[axis],
  );
  const size = both((axis) => {
    const extent = input[1 + axis]!;
    const padded = padding === 'same' ? extent + reach[axis] : extent + 2 * before[axis];
    return Math.floor((padded - reach[axis] - 1) / stride[axis]) + 1;
  });
  return { kernel, stride, padding: before, dilation, size };
}

/** Calls back for each output position that reads input position (y, x), with the tap that reads it. */
function eachTap(
  { kernel, stride, padding, dilation, size }: Window,
  y: number,
  x: number,
  visit: (target: number, tap: number) => void,
): void {
  for (let ky = 0; ky < kernel[0]; ky++) {
    const row = (y + padding[0] - ky * dilation[0]) / stride[0];
    if (!(Number.isInteger(row) && row >= 0 && row < size[0])) continue;
    for (let kx = 0; kx < kernel[1]; kx++) {
      const column = (x + padding[1] - kx * dilation[1]) / stride[1];
      if (!(Number.isInteger(column) && column >= 0 && column < size[1])) continue;
      visit(row * size[1] + column, ky * kernel[1] + kx);
    }
  }
}

/** [rows, columns] as [columns, rows]. */
function transposed(data: TypedArray, rows: number, columns: number): Float64Array {
  const out = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) out[(i % columns) * rows + Math.floor(i / columns)] = data[i]!;
  return out;
}
