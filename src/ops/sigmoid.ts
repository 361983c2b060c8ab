// Sigmoid: y = 1 / (1 + exp(-x)).
import { noAttributes, scalarActivation } from './scalar-activation.ts';

/** https://onnx.ai/onnx/operators/onnx__Sigmoid.html */
export const sigmoid = scalarActivation({
  ...noAttributes,
  name: 'Sigmoid',
  f: (x) => 1 / (1 + Math.exp(-x)),
});
