// HardSwish: y = x min(max(x / 6 + 1/2, 0), 1).
import { noAttributes, scalarActivation } from './scalar-activation.ts';

/** https://onnx.ai/onnx/operators/onnx__HardSwish.html */
export const hardSwish = scalarActivation({
  ...noAttributes,
  name: 'HardSwish',
  since: 14,
  f: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
});
