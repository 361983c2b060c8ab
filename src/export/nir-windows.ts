// Convolutions and pools as NIR has them: the same padding on both sides, and sums in the place of means.
import type { NirNode } from '../nir/graph.ts';
import { type Window, type WindowAttributes, windowOver } from '../ops/window.ts';
import { floatTensor, type Shape, type Tensor } from '../tensor/tensor.ts';

/** A node of NIR, or why there is none, as what was expected and found. */
export type Mapped = readonly NirNode[] | string;

/** @param weight [M, C/group, ...] @param bias [M], zeros where absent @param input [C, H, W] or [C, L] */
export function convolution(
  attributes: WindowAttributes & { readonly group: number },
  weight: Tensor,
  bias: Tensor | undefined,
  input: Shape,
): Mapped {
  const window = windowOver(attributes, input.slice(1));
  const axes = window.kernel.map((_, axis) => evenPadding(window, axis));
  if (axes.length !== 1 && axes.length !== 2)
    return `expected a convolution over 1 or 2 axes, found ${axes.length}`;
  if (axes.some((axis) => axis === null)) {
    return 'expected dilations of 1 where the padding differs between the sides, found others';
  }
  const padded = axes as readonly EvenPadding[];
  const common = {
    weight: framed(weight, padded),
    groups: attributes.group,
    bias: floatTensor([weight.shape[0]!], bias === undefined ? undefined : Float32Array.from(bias.data)),
  };
  const [stride, dilation] = [window.strides, window.dilations];
  const padding = padded.map((axis) => axis.padding);
  if (axes.length === 1) {
    const one = { input_shape: input[1]!, stride: stride[0]!, padding: padding[0]!, dilation: dilation[0]! };
    return [{ type: 'Conv1d', ...one, ...common }];
  }
  return [
    {
      type: 'Conv2d',
      input_shape: pair(input.slice(1)),
      stride: pair(stride),
      padding: pair(padding),
      dilation: pair(dilation),
      ...common,
    },
  ];
}

/** A mean over windows: their sums, and a Scale by one over what each has counted. @param output [C, H, W] */
export function averagePool(
  attributes: WindowAttributes & { readonly countIncludePad: boolean },
  input: Shape,
  output: Shape,
): Mapped {
  const window = windowOver(attributes, input.slice(1));
  if (window.kernel.length !== 2) return `expected a pool over 2 axes, found ${window.kernel.length}`;
  for (const [axis, size] of window.kernel.entries()) {
    const [begin, end] = [window.padsBegin[axis]!, window.padsEnd[axis]!];
    const outputs = Math.floor((window.input[axis]! + 2 * begin - size) / window.strides[axis]!) + 1;
    if (begin !== end || outputs !== window.output[axis]) {
      return `expected windows that fit the input with one padding on both sides, found pads ${begin}, ${end} and ${window.output[axis]} outputs`;
    }
  }
  const counted = window.kernel.map((_, axis) => countsAlong(window, axis, attributes.countIncludePad));
  return sumAndScale(window, output, (row, column) => counted[0]![row]! * counted[1]![column]!);
}

/** The mean over all rows and columns of [C, H, W]. */
export function globalAveragePool(input: Shape): Mapped {
  if (input.length !== 3) return `expected the mean over the 2 axes of [C, H, W], found ${input.length - 1}`;
  const [height, width] = [input[1]!, input[2]!];
  const window = { kernel: [height, width], strides: [1, 1], padsBegin: [0, 0] };
  return sumAndScale(window, [input[0]!, 1, 1], () => height * width);
}

/** The sum over windows. */
export function sumPool(window: Pick<Window, 'kernel' | 'strides' | 'padsBegin'>): NirNode {
  const [kernel_size, stride, padding] = [window.kernel, window.strides, window.padsBegin].map(pair);
  return { type: 'SumPool2d', kernel_size: kernel_size!, stride: stride!, padding: padding! };
}

function sumAndScale(
  window: Pick<Window, 'kernel' | 'strides' | 'padsBegin'>,
  output: Shape,
  counted: (row: number, column: number) => number,
): NirNode[] {
  const scale = floatTensor(output);
  const [, height, width] = output as [number, number, number];
  for (let i = 0; i < scale.data.length; i++) {
    scale.data[i] = 1 / counted(Math.floor(i / width) % height, i % width);
  }
  return [sumPool(window), { type: 'Scale', scale }];
}

/** How many positions of an axis each window has, padding counted or not. */
function countsAlong(
  { input, output, kernel, strides, padsBegin }: Window,
  axis: number,
  all: boolean,
): number[] {
  return Array.from({ length: output[axis]! }, (_, at) => {
    if (all) return kernel[axis]!;
    const first = at * strides[axis]! - padsBegin[axis]!;
    return Math.min(first + kernel[axis]!, input[axis]!) - Math.max(first, 0);
  });
}

interface EvenPadding {
  readonly padding: number;
  /** Zeros to put in front of the kernel and behind it. */
  readonly front: number;
  readonly behind: number;
}

/** The padding of both sides that with zeros around the kernel does the same; null where taps are apart. */
function evenPadding({ padsBegin, padsEnd, dilations }: Window, axis: number): EvenPadding | null {
  const [begin, end] = [padsBegin[axis]!, padsEnd[axis]!];
  if (begin !== end && dilations[axis] !== 1) return null;
  const padding = Math.max(begin, end);
  return { padding, front: padding - begin, behind: padding - end };
}

/** float32 weights with zeros around each kernel. */
function framed(weight: Tensor, axes: readonly EvenPadding[]): Tensor {
  const kernel = weight.shape.slice(2);
  const larger = kernel.map((size, axis) => size + axes[axis]!.front + axes[axis]!.behind);
  const out = floatTensor([...weight.shape.slice(0, 2), ...larger]);
  const columns = kernel.at(-1)!;
  const rows = kernel.length === 1 ? 1 : kernel[0]!;
  const [newColumns, newRows] = [larger.at(-1)!, kernel.length === 1 ? 1 : larger[0]!];
  const [left, top] = [axes.at(-1)!.front, kernel.length === 1 ? 0 : axes[0]!.front];
  for (let i = 0; i < weight.data.length; i++) {
    const row = Math.floor(i / columns) % rows;
    const plane = Math.floor(i / (columns * rows));
    out.data[(plane * newRows + row + top) * newColumns + (i % columns) + left] = weight.data[i]!;
  }
  return out;
}

function pair(values: readonly number[]): [number, number] {
  return [values[0]!, values[1]!];
}
