// Selu: y = gamma x where x > 0, gamma alpha (exp(x) - 1) elsewhere.
import { floatAttribute } from './attributes.ts';
import { scalarActivation } from './scalar-activation.ts';

export interface SeluAttributes {
  readonly alpha: number;
  readonly gamma: number;
}

/** https://onnx.ai/onnx/operators/onnx__Selu.html; its defaults since opset 6. */
export const selu = scalarActivation({
  name: 'Selu',
  known: ['alpha', 'gamma', 'consumed_inputs'],
  read: (read): SeluAttributes => ({
    alpha: read.float('alpha') ?? 1.6732631921768188,
    gamma: read.float('gamma') ?? 1.0507010221481323,
  }),
  encode: ({ alpha, gamma }) => ({ alpha: floatAttribute(alpha), gamma: floatAttribute(gamma) }),
  f: (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  parameters: ({ alpha, gamma }) => ({ gain: [gamma], alpha: [alpha], width: [1] }),
});
