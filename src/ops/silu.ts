// Silu: y = x / (1 + exp(-x)), also called Swish. No operator of ONNX 17: passes make it of its pieces.
import { noOperatorOfOnnx, scalarActivation } from './scalar-activation.ts';

export const silu = scalarActivation({
  ...noOperatorOfOnnx,
  name: 'Silu',
  f: (x) => x / (1 + Math.exp(-x)),
  expand: () => [
    { op: 'Sigmoid', inputs: ['x'] },
    { op: 'Mul', inputs: ['x', 0] },
  ],
});
