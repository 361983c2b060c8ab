// Operators that exports use in the subgraphs that compute shapes: element by element with broadcasting, on constants
// only. Whatever of them depends on the image is refused after the passes.
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import { roundHalfEven } from '../tensor/grid.ts';
import { type DType, isFloat, type Shape, showShape, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp, type Fact, type Op, refuse } from './op.ts';
import { operandsOf } from './operands.ts';

interface Rule {
  /** How many operands; 0 stands for one or more. */
  readonly operands: number;
  /** Type of the result, where it is not that of the first operand. */
  readonly result?: 'bool' | 'second operand';
  /** Operands that need not be of the first one's type. */
  readonly mixed?: boolean;
  readonly tolerance?: number;
  readonly since?: number;
  /** One element of the result from one of each operand; `dtype` is that of the first operand. */
  combine(values: readonly number[], dtype: DType): number;
}

/** An operator on constants by its rule. https://onnx.ai/onnx/operators/onnx__<name>.html */
function folded<const Name extends string>(name: Name, rule: Rule): Op<Name, NoAttributes> {
  return defineOp<Name, NoAttributes>({
    name,
    role: 'constant',
    ...(rule.since === undefined ? {} : { since: rule.since }),
    fate: 'folded before conversion',
    tolerance: rule.tolerance ?? 0,
    parse(node, inputs) {
      attributesOf(node, []);
      const count = rule.operands === 0 ? Math.max(1, inputs.length) : rule.operands;
      return { attributes: {}, operands: operandsOf(node, inputs, count) };
    },
    infer(_, operands, node) {
      const [first] = operands as [Fact];
      if (rule.mixed !== true && operands.some(({ dtype }) => dtype !== first.dtype)) {
        const found = operands.map(({ dtype }) => dtype).join(', ');
        refuse(node, `${name} expects operands of one type, found ${found}`, 'unsupported-type');
      }
      const shape = commonShape(operands);
      if (shape === undefined) {
        const found = operands.map((fact) => showShape(fact.shape)).join(' and ');
        refuse(node, `${name} expects shapes that broadcast together, found ${found}`);
      }
      return [{ dtype: resultType(rule, operands), shape }];
    },
    evaluate: (_, operands) => [combined(rule, operands)],
    encode: () => ({ attributes: {} }),
  });
}

function resultType({ result }: Rule, operands: readonly { readonly dtype: DType }[]): DType {
  if (result === undefined) return operands[0]!.dtype;
  return result === 'bool' ? 'bool' : operands[1]!.dtype;
}

function commonShape(operands: readonly { readonly shape: Shape }[]): Shape | undefined {
  let shape: Shape | undefined = [];
  for (const operand of operands) shape = shape && broadcastShape(shape, operand.shape);
  return shape;
}

function combined(rule: Rule, operands: readonly Tensor[]): Tensor {
  const shape = commonShape(operands)!;
  const out = tensor(resultType(rule, operands), shape);
  const indices = operands.map((operand) => broadcastIndex(operand.shape, shape));
  for (let i = 0; i < out.data.length; i++) {
    const values = operands.map(({ data }, k) => data[indices[k]![i]!]!);
    out.data[i] = rule.combine(values, operands[0]!.dtype);
  }
  return out;
}

/** A function of one number; ONNX Runtime approximates some of them in float32. */
const unary = <const Name extends string>(name: Name, f: (x: number) => number, tolerance = 0) =>
  folded(name, { operands: 1, tolerance, combine: ([x]) => f(x!) });

const comparison = <const Name extends string>(
  name: Name,
  holds: (a: number, b: number) => boolean,
  versions: Pick<Rule, 'since'> = {},
) => folded(name, { ...versions, operands: 2, result: 'bool', combine: ([a, b]) => Number(holds(a!, b!)) });

export const abs = unary('Abs', Math.abs);
export const and = comparison('And', (a, b) => a !== 0 && b !== 0);
export const ceil = unary('Ceil', Math.ceil);
export const equal = comparison('Equal', (a, b) => a === b);
export const exp = unary('Exp', Math.exp, 1e-6);
export const floor = unary('Floor', Math.floor);
export const greater = comparison('Greater', (a, b) => a > b);
export const greaterOrEqual = comparison('GreaterOrEqual', (a, b) => a >= b, { since: 12 });
export const less = comparison('Less', (a, b) => a < b);
export const lessOrEqual = comparison('LessOrEqual', (a, b) => a <= b, { since: 12 });
export const log = unary('Log', Math.log, 1e-6);
export const max = folded('Max', { operands: 0, combine: (values) => Math.max(...values) });
export const min = folded('Min', { operands: 0, combine: (values) => Math.min(...values) });
export const not = unary('Not', (x) => (x === 0 ? 1 : 0));
export const or = comparison('Or', (a, b) => a !== 0 || b !== 0);
export const pow = folded('Pow', {
  operands: 2,
  mixed: true,
  tolerance: 1e-6,
  combine: ([x, y], dtype) => (isFloat(dtype) ? x! ** y! : Math.trunc(x! ** y!)),
});
export const reciprocal = unary('Reciprocal', (x) => 1 / x);
export const round = folded('Round', { operands: 1, since: 11, combine: ([x]) => roundHalfEven(x!) });
export const sqrt = unary('Sqrt', Math.sqrt);
export const where = folded('Where', {
  operands: 3,
  since: 9,
  mixed: true,
  result: 'second operand',
  combine: ([condition, a, b]) => (condition === 0 ? b! : a!),
});
export const xor = comparison('Xor', (a, b) => (a !== 0) !== (b !== 0));
