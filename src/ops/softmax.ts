// Softmax: y_i = exp(x_i) / sum over j of exp(x_j), along one axis.
import { intAttribute } from './attributes.ts';
import { defineOp } from './op.ts';
import { expectFloats } from './operands.ts';
import { alongAxis, parseSoftmax, type SoftmaxAttributes } from './softmax-axis.ts';

/** https://onnx.ai/onnx/operators/onnx__Softmax.html */
export const softmax = defineOp<'Softmax', SoftmaxAttributes>({
  name: 'Softmax',
  role: 'head',
  fate: 'left out: the largest output stays the largest',
  tolerance: 1e-6,
  parse: parseSoftmax,
  infer(_, operands, node) {
    expectFloats(node, 'Softmax', operands);
    return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
  },
  evaluate: ({ axis }, [x]) => [alongAxis(x!, axis, normalise)],
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});

/** The largest is subtracted first, so that exp does not overflow. */
function normalise(line: Float64Array): void {
  const largest = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let total = 0;
  for (let i = 0; i < line.length; i++) {
    line[i] = Math.exp(line[i]! - largest);
    total += line[i]!;
  }
  for (let i = 0; i < line.length; i++) line[i]! /= total;
}
