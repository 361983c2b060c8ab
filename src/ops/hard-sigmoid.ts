// HardSigmoid: y = min(max(alpha x + beta, 0), 1).
import { floatAttribute } from './attributes.ts';
import { scalarActivation } from './scalar-activation.ts';

export interface HardSigmoidAttributes {
  readonly alpha: number;
  readonly beta: number;
}

/** https://onnx.ai/onnx/operators/onnx__HardSigmoid.html */
export const hardSigmoid = scalarActivation({
  name: 'HardSigmoid',
  known: ['alpha', 'beta', 'consumed_inputs'],
  read: (read): HardSigmoidAttributes => ({
    alpha: read.float('alpha') ?? 0.2,
    beta: read.float('beta') ?? 0.5,
  }),
  encode: ({ alpha, beta }) => ({ alpha: floatAttribute(alpha), beta: floatAttribute(beta) }),
  f: (x, { alpha, beta }) => Math.min(Math.max(alpha * x + beta, 0), 1),
  parameters: ({ alpha, beta }) => ({ slope: [alpha], offset: [beta] }),
});
