// Elu: y = x where x > 0, alpha (exp(x) - 1) elsewhere.
import { floatAttribute } from './attributes.ts';
import { scalarActivation } from './scalar-activation.ts';

export interface EluAttributes {
  readonly alpha: number;
}

/** https://onnx.ai/onnx/operators/onnx__Elu.html */
export const elu = scalarActivation({
  name: 'Elu',
  known: ['alpha', 'consumed_inputs'],
  read: (read): EluAttributes => ({ alpha: read.float('alpha') ?? 1 }),
  encode: ({ alpha }) => ({ alpha: floatAttribute(alpha) }),
  f: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  parameters: ({ alpha }) => ({ gain: [1], alpha: [alpha], width: [1] }),
});
