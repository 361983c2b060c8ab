// Erf: y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. Exports write a GELU with it.
import { tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';

/** Beyond it erf is 1 in double precision. */
const SATURATED = 6;

/** erf(x) = 2 x exp(-x^2) / sqrt(pi) * sum over n of (2 x^2)^n / (1 * 3 * ... * (2n + 1)); all terms are positive. */
export function erfOf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) >= SATURATED) return Math.sign(x);
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * Number.EPSILON; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
}

/** https://onnx.ai/onnx/operators/onnx__Erf.html */
export const erf = defineOp<'Erf', NoAttributes>({
  name: 'Erf',
  role: 'constant',
  since: 9,
  fate: 'folded, or taken into a Gelu',
  tolerance: 2e-6,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer(_, operands, node) {
    expectFloats(node, 'Erf', operands);
    return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
  },
  evaluate(_, [x]) {
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) out.data[i] = erfOf(x!.data[i]!);
    return [out];
  },
  encode: () => ({ attributes: {} }),
});
