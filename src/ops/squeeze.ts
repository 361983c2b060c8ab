// Squeeze: drops axes of size 1.
import { indexTensor, showShape } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { axesOf, constantInts, inputFact } from './operands.ts';
import { reshaped } from './reshaped.ts';

export interface SqueezeAttributes {
  /** Counted from the front; where the node names none, all that had size 1. */
  readonly axes: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Squeeze.html */
export const squeeze = defineOp<'Squeeze', SqueezeAttributes>({
  name: 'Squeeze',
  role: 'layout',
  fate: 'reorders connections: becomes Reshape',
  tolerance: 0,
  parse(node, inputs, opset) {
    const { shape } = inputFact(node, inputs, 0, 'the data');
    const own = attributesOf(node, opset < 13 ? ['axes'] : []).ints('axes');
    const given = own ?? (inputs[1] === undefined ? undefined : constantInts(node, inputs, 1, 'axes'));
    const axes =
      given === undefined
        ? shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []))
        : axesOf(node, given, shape.length);
    return { attributes: { axes }, operands: [0] };
  },
  infer({ axes }, [x], node) {
    if (axes.some((axis) => x!.shape[axis] !== 1)) {
      refuse(node, `Squeeze expects axes ${axes.join(', ')} to be of size 1, found ${showShape(x!.shape)}`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  evaluate: ({ axes }, [x]) => [
    reshaped(
      x!,
      x!.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  ],
  encode: ({ axes }) => ({ attributes: {}, parameters: [indexTensor(axes)] }),
});
