// Tanh: y = tanh(x).
import { noAttributes, scalarActivation } from './scalar-activation.ts';

/** https://onnx.ai/onnx/operators/onnx__Tanh.html */
export const tanh = scalarActivation({
  ...noAttributes,
  name: 'Tanh',
  f: (x) => Math.tanh(x),
});
