// LeakyRelu: y = x where x > 0, alpha x elsewhere.
import { floatAttribute } from './attributes.ts';
import { scalarActivation } from './scalar-activation.ts';

export interface LeakyReluAttributes {
  readonly alpha: number;
}

/** https://onnx.ai/onnx/operators/onnx__LeakyRelu.html */
export const leakyRelu = scalarActivation({
  name: 'LeakyRelu',
  known: ['alpha', 'consumed_inputs'],
  read: (read): LeakyReluAttributes => ({ alpha: read.float('alpha') ?? 0.01 }),
  encode: ({ alpha }) => ({ alpha: floatAttribute(alpha) }),
  f: (x, { alpha }) => (x < 0 ? alpha * x : x),
  parameters: ({ alpha }) => ({ slope: [alpha] }),
});
