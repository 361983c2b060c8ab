// Mish: y = x tanh(log(1 + exp(x))).
import { noAttributes, scalarActivation } from './scalar-activation.ts';
import { softplusOf } from './softplus.ts';

/** https://onnx.ai/onnx/operators/onnx__Mish.html, an operator since opset 18; written back in its pieces. */
export const mish = scalarActivation({
  ...noAttributes,
  name: 'Mish',
  since: 18,
  f: (x) => x * Math.tanh(softplusOf(x)),
  expand: () => [
    { op: 'Softplus', inputs: ['x'] },
    { op: 'Tanh', inputs: [0] },
    { op: 'Mul', inputs: ['x', 1] },
  ],
});
