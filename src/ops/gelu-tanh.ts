// GeluTanh: y = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the form of Gelu whose `approximate` is tanh. No operator of
// ONNX: passes make it.
import { noOperatorOfOnnx, number, scalarActivation } from './scalar-activation.ts';

export const GELU_SCALE = Math.sqrt(2 / Math.PI);
export const GELU_CUBIC = 0.044715;

/** GELU by its approximation with tanh. */
export function geluTanhOf(x: number): number {
  return 0.5 * x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3)));
}

export const geluTanh = scalarActivation({
  ...noOperatorOfOnnx,
  name: 'GeluTanh',
  f: geluTanhOf,
  expand: () => [
    { op: 'Mul', inputs: ['x', 'x'] },
    { op: 'Mul', inputs: [0, number(GELU_SCALE * GELU_CUBIC)] },
    { op: 'Add', inputs: [1, number(GELU_SCALE)] },
    { op: 'Mul', inputs: ['x', 2] },
    { op: 'Tanh', inputs: [3] },
    { op: 'Add', inputs: [4, number(1)] },
    { op: 'Mul', inputs: ['x', 5] },
    { op: 'Mul', inputs: [6, number(0.5)] },
  ],
});
