// Sliding windows over spatial axes, shared by Conv, AveragePool and MaxPool: their attributes, and how a
// window is laid out over an input.
import type { AttributeValue, OnnxNode } from '../onnx/model.ts';
import { type Shape, showShape } from '../tensor/tensor.ts';
import { type AttributeReader, intAttribute, intsAttribute } from './attributes.ts';
import { refuse } from './op.ts';

const AUTO_PADS = ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] as const;

/** How a window slides, as the node says it; one entry for each spatial axis. */
export interface WindowAttributes {
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Beginnings of every spatial axis, then ends. All 0 where `autoPad` decides. */
  readonly pads: readonly number[];
  readonly autoPad: (typeof AUTO_PADS)[number];
  /** Whether a last window that is not full counts. */
  readonly ceilMode: boolean;
}

/** A window laid out over an input: sizes and padding resolved, one entry for each spatial axis. */
export interface Window {
  readonly input: Shape;
  readonly output: Shape;
  readonly kernel: Shape;
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

export const WINDOW_ATTRIBUTES = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'] as const;

/** Reads the attributes of a window over `kernelShape.length` spatial axes. */
export function parseWindow(
  node: OnnxNode,
  read: AttributeReader<(typeof WINDOW_ATTRIBUTES)[number]>,
  kernelShape: readonly number[],
  ceilMode: boolean,
): WindowAttributes {
  const rank = kernelShape.length;
  const autoPad = AUTO_PADS.find((mode) => mode === (read.string('auto_pad') ?? 'NOTSET'));
  if (autoPad === undefined) {
    refuse(
      node.name,
      `${node.opType} expects auto_pad to be one of ${AUTO_PADS.join(', ')}, found "${read.string('auto_pad')}"`,
      'unsupported-attribute',
    );
  }
  const list = (name: 'dilations' | 'pads' | 'strides', length: number, lowest: 0 | 1) => {
    const values = read.ints(name) ?? new Array<number>(length).fill(lowest);
    if (values.length !== length || values.some((value) => value < lowest)) {
      refuse(
        node.name,
        `${node.opType} expects ${length} ${name} from ${lowest} for ${rank} spatial axes, found ${showShape(values)}`,
        'unsupported-attribute',
      );
    }
    return values;
  };
  const pads = list('pads', 2 * rank, 0);
  return {
    kernelShape,
    strides: list('strides', rank, 1),
    dilations: list('dilations', rank, 1),
    pads: autoPad === 'NOTSET' ? pads : pads.map(() => 0),
    autoPad,
    ceilMode,
  };
}

/** The attributes as ONNX writes them, without those that are at their default. */
export function encodeWindow(window: WindowAttributes): Record<string, AttributeValue> {
  const { kernelShape, strides, dilations, pads, autoPad, ceilMode } = window;
  return {
    kernel_shape: intsAttribute(kernelShape),
    strides: intsAttribute(strides),
    ...(dilations.every((dilation) => dilation === 1) ? {} : { dilations: intsAttribute(dilations) }),
    ...(autoPad === 'NOTSET'
      ? { pads: intsAttribute(pads) }
      : { auto_pad: { type: 'string', value: autoPad } as const }),
    ...(ceilMode ? { ceil_mode: intAttribute(1) } : {}),
  };
}

/** Lays the window out over the spatial axes of an input. */
export function windowOver(attributes: WindowAttributes, input: Shape): Window {
  const { kernelShape: kernel, strides, dilations, pads, autoPad, ceilMode } = attributes;
  const axes = input.map((size, axis) => {
    const stride = strides[axis]!;
    const extent = (kernel[axis]! - 1) * dilations[axis]! + 1;
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const output = Math.ceil(size / stride);
      const total = Math.max(0, (output - 1) * stride + extent - size);
      const smaller = Math.floor(total / 2);
      return autoPad === 'SAME_UPPER'
        ? { output, begin: smaller, end: total - smaller }
        : { output, begin: total - smaller, end: smaller };
    }
    const [begin, end] = [pads[axis]!, pads[input.length + axis]!];
    const room = size + begin + end - extent;
    if (!ceilMode) return { output: Math.floor(room / stride) + 1, begin, end };
    const rounded = Math.ceil(room / stride) + 1;
    // A window that would begin in the padding behind the input is none.
    const output = (rounded - 1) * stride >= size + begin ? rounded - 1 : rounded;
    return { output, begin, end };
  });
  return {
    input,
    output: axes.map((axis) => Math.max(0, axis.output)),
    kernel,
    strides,
    dilations,
    padsBegin: axes.map((axis) => axis.begin),
    padsEnd: axes.map((axis) => axis.end),
  };
}

/** Shape of the result over [N, C, spatial ...]: refuses an input with other axes or smaller than the window. */
export function windowShape(
  node: string,
  op: string,
  window: WindowAttributes,
  input: Shape,
  channels = input[1]!,
): Shape {
  const rank = window.kernelShape.length;
  if (input.length !== rank + 2) {
    refuse(node, `${op} expects [N, C] and ${rank} spatial axes, found ${showShape(input)}`);
  }
  const { output } = windowOver(window, input.slice(2));
  if (output.some((size) => size < 1)) {
    refuse(
      node,
      `${op} expects an input at least as large as its kernel ${showShape(window.kernelShape)}, found ${showShape(input)} with pads ${showShape(window.pads)}`,
    );
  }
  return [input[0]!, channels, ...output];
}
