// What the operators that apply one function to every number share: they become neurons that track it.
import { floatTensor, type Shape, tensor } from '../tensor/tensor.ts';
import { type AttributeReader, attributesOf, type NoAttributes } from './attributes.ts';
import { defineOp, type Encoded, type ExpandedNode, type Op, type ParameterValues, refuse } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';

interface Scalar<Name extends string, A, K extends string> {
  readonly name: Name;
  readonly since?: number;
  /** f(x), in double precision. */
  f(x: number, attributes: A): number;
  /** The attributes that are read; absent where it has none, or is no operator of ONNX. */
  readonly known: readonly K[] | null;
  read(reader: AttributeReader<K>, node: string): A;
  encode(attributes: A): Encoded['attributes'];
  parameters?(attributes: A): ParameterValues;
  expand?(attributes: A, operand: Shape): readonly ExpandedNode[];
}

/** What an operator without attributes says about them. */
export const noAttributes = {
  known: [],
  read: (): NoAttributes => ({}),
  encode: () => ({}),
} as const;

/** The same for one that passes make and no file has. */
export const noOperatorOfOnnx = { ...noAttributes, known: null } as const;

/** How far ONNX Runtime's float32 approximations of exp, erf and tanh are from the functions. */
const TOLERANCE = 2e-6;

/** An activation y = f(x) on floats. */
export function scalarActivation<const Name extends string, A, const K extends string>({
  name,
  f,
  known,
  read,
  encode,
  ...more
}: Scalar<Name, A, K>): Op<Name, A> {
  return defineOp<Name, A>({
    name,
    role: 'activation',
    fate: 'becomes a layer of neurons',
    tolerance: TOLERANCE,
    parse(node, inputs) {
      if (known === null) refuse(node.name, `${name} is no operator of ONNX`, 'invalid-graph');
      return {
        attributes: read(attributesOf(node, known), node.name),
        operands: operandsOf(node, inputs, 1),
      };
    },
    infer(_, operands, node) {
      expectFloats(node, name, operands);
      return [{ dtype: operands[0]!.dtype, shape: operands[0]!.shape }];
    },
    evaluate(attributes, [x]) {
      const out = tensor(x!.dtype, x!.shape);
      for (let i = 0; i < out.data.length; i++) out.data[i] = f(x!.data[i]!, attributes);
      return [out];
    },
    encode: (attributes) => ({ attributes: encode(attributes) }),
    keepsChannels: (_, operands) => operands[0]!.length > 1,
    ...more,
  });
}

/** A number as a constant of an expanded operator. */
export function number(value: number) {
  return floatTensor([], [value]);
}
