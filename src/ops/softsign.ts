// Softsign: y = x / (1 + |x|).
import { noAttributes, scalarActivation } from './scalar-activation.ts';

/** https://onnx.ai/onnx/operators/onnx__Softsign.html */
export const softsign = scalarActivation({
  ...noAttributes,
  name: 'Softsign',
  f: (x) => x / (1 + Math.abs(x)),
});
