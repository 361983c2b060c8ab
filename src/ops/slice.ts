// Slice: part of the operand, by start, end and step on some axes.

import type { OnnxNode } from '../onnx/model.ts';
import { gatherIndex } from '../tensor/broadcast.ts';
import { indexTensor, type Shape, stridesOf } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { elementsAt } from './elements-at.ts';
import { defineOp, type Fact, refuse } from './op.ts';
import { axesOf, constantInts, inputFact } from './operands.ts';

export interface SliceAttributes {
  /** By entry of `axes`; from the back where negative, clamped to the operand. */
  readonly starts: readonly number[];
  /** By entry of `axes`; excluded. */
  readonly ends: readonly number[];
  /** Counted from the front. */
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Slice.html */
export const slice = defineOp<'Slice', SliceAttributes>({
  name: 'Slice',
  role: 'layout',
  fate: 'selects connections',
  tolerance: 0,
  parse(node, inputs, opset) {
    const { shape } = inputFact(node, inputs, 0, 'the data');
    const given = opset < 10 ? fromAttributes(node) : fromInputs(node, inputs);
    const axes = axesOf(node, given.axes ?? given.starts.map((_, i) => i), shape.length);
    const steps = given.steps ?? given.starts.map(() => 1);
    const lengths = [given.starts, given.ends, axes, steps].map((list) => list.length);
    if (new Set(lengths).size > 1 || steps.includes(0)) {
      refuse(
        node.name,
        `Slice expects as many starts, ends, axes and steps (none of them 0), found ${lengths.join(', ')} of them and steps ${steps.join(', ')}`,
        'invalid-graph',
      );
    }
    return {
      attributes: {
        starts: given.starts.map(exact),
        ends: given.ends.map(exact),
        axes,
        steps: steps.map(exact),
      },
      operands: [0],
    };
  },
  infer: (attributes, [x]) => [{ dtype: x!.dtype, shape: selection(attributes, x!.shape).shape }],
  evaluate(attributes, [x]) {
    const { shape, start, strides } = selection(attributes, x!.shape);
    return [elementsAt(x!, gatherIndex(shape, strides, start), shape)];
  },
  encode: ({ starts, ends, axes, steps }) => ({
    attributes: {},
    parameters: [starts, ends, axes, steps].map(indexTensor),
  }),
  keepsChannels: ({ axes }, operands) => operands[0]!.length > 1 && !axes.includes(0) && !axes.includes(1),
});

interface Given {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[] | undefined;
  readonly steps?: readonly number[] | undefined;
}

function fromAttributes(node: OnnxNode): Given {
  const read = attributesOf(node, ['axes', 'ends', 'starts']);
  const [starts, ends] = [read.ints('starts'), read.ints('ends')];
  if (starts === undefined || ends === undefined) {
    refuse(node.name, 'Slice expects the attributes starts and ends, found one or none', 'invalid-graph');
  }
  return { starts, ends, axes: read.ints('axes') };
}

function fromInputs(node: OnnxNode, inputs: readonly (Fact | undefined)[]): Given {
  attributesOf(node, []);
  const optional = (index: number, what: string) =>
    inputs[index] === undefined ? undefined : constantInts(node, inputs, index, what);
  return {
    starts: constantInts(node, inputs, 1, 'starts'),
    ends: constantInts(node, inputs, 2, 'ends'),
    axes: optional(3, 'axes'),
    steps: optional(4, 'steps'),
  };
}

/** Markers such as 2^63 - 1 ("to the end") become the largest exact integer, which clamps alike. */
function exact(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** Shape of the result, and where its elements lie in the operand. */
function selection({ starts, ends, axes, steps }: SliceAttributes, from: Shape) {
  const shape = [...from];
  const strides = stridesOf(from);
  let start = 0;
  axes.forEach((axis, i) => {
    const dim = from[axis]!;
    const step = steps[i]!;
    const clamp = (position: number, low: number, high: number) =>
      Math.max(low, Math.min(high, position < 0 ? position + dim : position));
    const [first, last] =
      step > 0
        ? [clamp(starts[i]!, 0, dim), clamp(ends[i]!, 0, dim)]
        : [clamp(starts[i]!, 0, dim - 1), clamp(ends[i]!, -1, dim - 1)];
    shape[axis] = Math.max(0, Math.ceil((last - first) / step));
    start += first * strides[axis]!;
    strides[axis]! *= step;
  });
  return { shape, start, strides };
}
