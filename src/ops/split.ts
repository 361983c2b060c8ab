// Split: parts of the operand side by side along one axis.
import type { OnnxNode } from '../onnx/model.ts';
import { indexTensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, type Fact, refuse } from './op.ts';
import { axisOf, constantInts, inputFact } from './operands.ts';
import { type SliceAttributes, slice } from './slice.ts';

export interface SplitAttributes {
  /** Counted from the front. */
  readonly axis: number;
  /** How long each part is. */
  readonly sizes: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Split.html; sizes are an attribute before opset 13, an input since. */
export const split = defineOp<'Split', SplitAttributes>({
  name: 'Split',
  role: 'layout',
  fate: 'selects connections: becomes Slice',
  tolerance: 0,
  parse(node, inputs, opset) {
    const { shape } = inputFact(node, inputs, 0, 'the data');
    const read = attributesOf(node, [
      'axis',
      ...(opset < 13 ? (['split'] as const) : []),
      ...(opset < 18 ? [] : (['num_outputs'] as const)),
    ]);
    const axis = axisOf(node, read.int('axis') ?? 0, shape.length);
    const given = inputs[1] === undefined ? read.ints('split') : constantInts(node, inputs, 1, 'split');
    const sizes = given ?? equalParts(node, shape[axis]!, read.int('num_outputs'));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.length !== node.outputs.length || sizes.some((size) => size < 0) || total !== shape[axis]) {
      refuse(
        node.name,
        `Split expects ${node.outputs.length} sizes that add up to ${shape[axis]}, found ${sizes.join(', ')}`,
      );
    }
    return { attributes: { axis, sizes }, operands: [0] };
  },
  infer: ({ axis, sizes }, [x]) =>
    sizes.map((size): Fact => ({ dtype: x!.dtype, shape: x!.shape.with(axis, size) })),
  evaluate: (attributes, [x]) =>
    attributes.sizes.map((_, part) => slice.evaluate(partOf(attributes, part), [x!])[0]!),
  encode: ({ axis, sizes }) => ({
    attributes: { axis: intAttribute(axis) },
    parameters: [indexTensor(sizes)],
  }),
});

/** The Slice that takes one part out. */
export function partOf({ axis, sizes }: SplitAttributes, part: number): SliceAttributes {
  const start = sizes.slice(0, part).reduce((sum, size) => sum + size, 0);
  return { starts: [start], ends: [start + sizes[part]!], axes: [axis], steps: [1] };
}

/** Parts of one size; where their number is given, the last may be smaller. */
function equalParts(node: OnnxNode, length: number, parts: number | undefined): readonly number[] {
  const count = parts ?? node.outputs.length;
  const size = Math.ceil(length / count);
  if (parts === undefined && size * count !== length) {
    refuse(node.name, `Split expects ${count} parts of one size, found an axis of ${length}`);
  }
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? size : length - size * (count - 1)));
}
