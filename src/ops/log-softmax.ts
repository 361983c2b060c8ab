// LogSoftmax: y_i = x_i - log(sum over j of exp(x_j)), along one axis.
import { intAttribute } from './attributes.ts';
import { defineOp } from './op.ts';
import { expectFloats } from './operands.ts';
import { alongAxis, parseSoftmax, type SoftmaxAttributes } from './softmax-axis.ts';

/** https://onnx.ai/onnx/operators/onnx__LogSoftmax.html */
export const logSoftmax = defineOp<'LogSoftmax', SoftmaxAttributes>({
  name: 'LogSoftmax',
  role: 'head',
  fate: 'left out: the largest output stays the largest',
  tolerance: 1e-6,
  parse: parseSoftmax,
  infer(_, operands, node) {
    expectFloats(node, 'LogSoftmax', operands);
    return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
  },
  evaluate: ({ axis }, [x]) => [alongAxis(x!, axis, normalise)],
  encode: ({ axis }) => ({ attributes: { axis: intAttribute(axis) } }),
});

/** The largest is subtracted first, so that exp does not overflow. */
function normalise(line: Float64Array): void {
  const largest = line.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const total = line.reduce((sum, x) => sum + Math.exp(x - largest), 0);
  const shift = largest + Math.log(total);
  for (let i = 0; i < line.length; i++) line[i]! -= shift;
}
