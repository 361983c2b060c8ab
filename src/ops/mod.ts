// Mod of constants: the remainder, with the sign of the divisor, or of the dividend where the node says fmod.
import { isFloat } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { evaluateBinary, inferElementwise } from './elementwise.ts';
import { defineOp, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

export interface ModAttributes {
  /** Whether the sign is the dividend's, as in C. */
  readonly fmod: boolean;
}

/** https://onnx.ai/onnx/operators/onnx__Mod.html */
export const mod = defineOp<'Mod', ModAttributes>({
  name: 'Mod',
  role: 'constant',
  since: 10,
  fate: 'folded before conversion',
  tolerance: 0,
  parse(node, inputs) {
    const fmod = attributesOf(node, ['fmod']).flag('fmod', false);
    return { attributes: { fmod }, operands: operandsOf(node, inputs, 2) };
  },
  infer({ fmod }, operands, node) {
    if (!fmod && isFloat(operands[0]!.dtype)) {
      refuse(node, 'Mod expects integers, or fmod=1, found floating point numbers', 'invalid-graph');
    }
    if (!isFloat(operands[0]!.dtype) && operands[1]!.value?.data.includes(0)) {
      refuse(node, 'Mod expects integer divisors other than 0, found 0', 'invalid-graph');
    }
    return inferElementwise('Mod', operands, node);
  },
  evaluate: ({ fmod }, [a, b]) => [
    evaluateBinary(a!, b!, (x, y) => (fmod ? x % y : x - y * Math.floor(x / y))),
  ],
  encode: ({ fmod }) => ({ attributes: { fmod: intAttribute(fmod ? 1 : 0) } }),
});
