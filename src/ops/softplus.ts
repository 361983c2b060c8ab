// Softplus: y = log(1 + exp(x)).
import { noAttributes, scalarActivation } from './scalar-activation.ts';

/** log(1 + exp(x)), without overflow. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** https://onnx.ai/onnx/operators/onnx__Softplus.html */
export const softplus = scalarActivation({ ...noAttributes, name: 'Softplus', f: softplusOf });
