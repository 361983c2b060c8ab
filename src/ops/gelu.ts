// Gelu: y = x Phi(x), Phi the distribution function of the normal distribution, by erf or by an approximation with tanh.
import { stringAttribute } from './attributes.ts';
import { erfOf } from './erf.ts';
import { geluTanh, geluTanhOf } from './gelu-tanh.ts';
import { type ExpandedNode, refuse } from './op.ts';
import { number, scalarActivation } from './scalar-activation.ts';

export interface GeluAttributes {
  readonly approximate: 'none' | 'tanh';
}

const ERF_FORM: readonly ExpandedNode[] = [
  { op: 'Mul', inputs: ['x', number(Math.SQRT1_2)] },
  { op: 'Erf', inputs: [0] },
  { op: 'Add', inputs: [1, number(1)] },
  { op: 'Mul', inputs: ['x', 2] },
  { op: 'Mul', inputs: [3, number(0.5)] },
];

/** https://onnx.ai/onnx/operators/onnx__Gelu.html, an operator since opset 20; written back in its pieces. */
export const gelu = scalarActivation({
  name: 'Gelu',
  since: 20,
  known: ['approximate'],
  read(read, node): GeluAttributes {
    const approximate = read.string('approximate') ?? 'none';
    if (approximate !== 'none' && approximate !== 'tanh') {
      return refuse(
        node,
        `Gelu expects approximate to be none or tanh, found ${approximate}`,
        'unsupported-attribute',
      );
    }
    return { approximate };
  },
  encode: ({ approximate }) => ({ approximate: stringAttribute(approximate) }),
  f: (x, { approximate }) =>
    approximate === 'tanh' ? geluTanhOf(x) : 0.5 * x * (1 + erfOf(x * Math.SQRT1_2)),
  expand: ({ approximate }, operand) => (approximate === 'tanh' ? geluTanh.expand!({}, operand) : ERF_FORM),
});
