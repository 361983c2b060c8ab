// Unsqueeze: inserts axes of size 1.
import { indexTensor, type Shape } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { axesOf, constantInts, inputFact } from './operands.ts';
import { reshaped } from './reshaped.ts';

export interface UnsqueezeAttributes {
  /** Axes of the result, counted from the front. */
  readonly axes: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Unsqueeze.html */
export const unsqueeze = defineOp<'Unsqueeze', UnsqueezeAttributes>({
  name: 'Unsqueeze',
  role: 'layout',
  fate: 'reorders connections: becomes Reshape',
  tolerance: 0,
  parse(node, inputs, opset) {
    const { shape } = inputFact(node, inputs, 0, 'the data');
    const read = attributesOf(node, opset < 13 ? ['axes'] : []);
    const axes = opset < 13 ? read.ints('axes') : constantInts(node, inputs, 1, 'axes');
    if (axes === undefined) refuse(node.name, 'Unsqueeze expects axes, found none', 'invalid-graph');
    return { attributes: { axes: axesOf(node, axes, shape.length + axes.length) }, operands: [0] };
  },
  infer: ({ axes }, [x]) => [{ dtype: x!.dtype, shape: unsqueezed(x!.shape, axes) }],
  evaluate: ({ axes }, [x]) => [reshaped(x!, unsqueezed(x!.shape, axes))],
  encode: ({ axes }) => ({ attributes: {}, parameters: [indexTensor(axes)] }),
});

function unsqueezed(shape: Shape, axes: readonly number[]): Shape {
  const rest = shape.values();
  return Array.from({ length: shape.length + axes.length }, (_, axis) =>
    axes.includes(axis) ? 1 : rest.next().value!,
  );
}
