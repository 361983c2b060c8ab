// Celu: y = x where x > 0, alpha (exp(x / alpha) - 1) elsewhere.
import { floatAttribute } from './attributes.ts';
import { scalarActivation } from './scalar-activation.ts';

export interface CeluAttributes {
  readonly alpha: number;
}

/** https://onnx.ai/onnx/operators/onnx__Celu.html */
export const celu = scalarActivation({
  name: 'Celu',
  since: 12,
  known: ['alpha'],
  read: (read): CeluAttributes => ({ alpha: read.float('alpha') ?? 1 }),
  encode: ({ alpha }) => ({ alpha: floatAttribute(alpha) }),
  f: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
  parameters: ({ alpha }) => ({ gain: [1], alpha: [alpha], width: [alpha] }),
});
