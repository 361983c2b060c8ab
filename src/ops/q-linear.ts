// What the QLinear operators share: they stand for an operator on floating point numbers, whose operands and result
// are 8 bit integers. https://onnx.ai/onnx/operators/onnx__QLinearConv.html names the scheme.
import type { OnnxNode } from '../onnx/model.ts';
import { type DType, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { channelAt } from './linear-quantization.ts';
import { type Fact, type Op, refuse } from './op.ts';
import { inputFact } from './operands.ts';
import { type Quantization, quantizationOf } from './quantization.ts';

/** A QLinear operator as an operator on floats between quantizers. */
export interface QLinearAttributes<Name extends string = string, A = unknown> {
  readonly operator: Name;
  /** The attributes of that operator. */
  readonly attributes: A;
  /** How each operand is quantized, in order. */
  readonly operands: readonly Quantization[];
  /** How the result is quantized; null where it is floating point. */
  readonly result: Quantization | null;
}

/** One integer of the 127 or more that a type holds: sums that lie between two may be rounded to either. */
const ONE_INTEGER = 1 / 127;

/**
 * An operator that stands for `float` between quantizers. lower-qoperator replaces it before a graph is written, so that
 * `encode` gives the attributes alone.
 */
export function defineQLinear<const Name extends string, Float extends string, A>(
  float: Op<Float, A>,
  own: Pick<Op<Name, QLinearAttributes<Float, A>>, 'name' | 'parse' | 'evaluate'>,
): Op<Name, QLinearAttributes<Float, A>> {
  return {
    ...own,
    role: 'constant',
    since: 10,
    fate: `becomes ${float.name} between quantizers`,
    tolerance: ONE_INTEGER,
    infer: (attributes, operands, node) => inferQLinear(float, attributes, operands, node),
    encode: ({ attributes }) => ({ attributes: float.encode(attributes).attributes }),
  };
}

/** Where a node has an 8 bit operand and its parameters, and what messages call it. */
export interface OperandInputs {
  readonly what: string;
  readonly operand: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /** The axis that may have a scale for each index; absent where there must be one scale. */
  readonly axis?: number;
}

type Inputs = readonly (Fact | undefined)[];

/** Refuses a node with more inputs than it may have. */
export function expectAtMost(node: OnnxNode, inputs: Inputs, allowed: number): void {
  if (inputs.length > allowed) {
    refuse(
      node.name,
      `${node.opType} expects at most ${allowed} inputs, found ${inputs.length}`,
      'invalid-graph',
    );
  }
}

/**
 * Reads how an operand is quantized; an omitted zero point is 0.
 * @throws Ann2SnnError naming the node: see `quantizationOf`; also where the operand is no 8 bit integer or its zero
 * point of another type.
 */
export function operandQuantization(node: OnnxNode, inputs: Inputs, where: OperandInputs): Quantization {
  const { dtype, shape } = inputFact(node, inputs, where.operand, where.what);
  expectEightBits(node, where.what, dtype);
  const found = parametersOf(node, inputs, where, dtype, shape);
  if (found.type !== dtype) {
    refuse(
      node.name,
      `${node.opType} expects a zero point of ${where.what} of type ${dtype}, found ${found.type}`,
      'unsupported-type',
    );
  }
  return found;
}

/** Reads how the result is quantized; without a zero point it is of type `type`. */
export function resultQuantization(
  node: OnnxNode,
  inputs: Inputs,
  where: Pick<OperandInputs, 'scale' | 'zeroPoint'>,
  type: DType,
): Quantization {
  return parametersOf(node, inputs, { ...where, what: 'its result' }, type, []);
}

function parametersOf(
  node: OnnxNode,
  inputs: Inputs,
  where: Omit<OperandInputs, 'operand'>,
  type: DType,
  shape: readonly number[],
): Quantization {
  const { what, axis } = where;
  const scale = inputFact(node, inputs, where.scale, `the scale of ${what}`);
  const zero = inputs[where.zeroPoint];
  const count = Math.max(sizeOf(scale.shape), sizeOf(zero?.shape ?? []));
  if (axis === undefined && count !== 1) {
    refuse(node.name, `${node.opType} expects one scale and one zero point of ${what}, found ${count}`);
  }
  const given = [...inputs];
  given[where.scale] = repeated(scale, count);
  given[where.zeroPoint] = zero && repeated(zero, count);
  const found = quantizationOf(node, given, {
    scale: where.scale,
    zeroPoint: where.zeroPoint,
    what,
    type,
    shape,
    axis: axis ?? 0,
  });
  expectEightBits(node, what, found.type);
  return found;
}

function expectEightBits(node: OnnxNode, what: string, type: DType): void {
  if (type === 'int8' || type === 'uint8') return;
  refuse(
    node.name,
    `${node.opType} expects ${what} of type int8 or uint8, found ${type}`,
    'unsupported-type',
  );
}

/** One number stands for all channels where the other parameter has one for each. */
function repeated(fact: Fact, count: number): Fact {
  if (count === 1 || fact.value === undefined || fact.value.data.length !== 1) return fact;
  const value = tensor(fact.dtype, [count], new Array<number>(count).fill(fact.value.data[0]!));
  return { dtype: fact.dtype, shape: value.shape, value };
}

/**
 * How an int32 bias is quantized that is added to sums of products of `x` and `weights`: by the product of their
 * scales, along the bias's last axis.
 * @throws Ann2SnnError naming the node where it is not int32, or does not have one number for each scale.
 */
export function biasQuantization(
  node: OnnxNode,
  bias: Fact,
  x: Quantization,
  weights: Quantization,
): Quantization {
  if (bias.dtype !== 'int32') {
    refuse(node.name, `${node.opType} expects a bias of type int32, found ${bias.dtype}`, 'unsupported-type');
  }
  const scale = weights.scale.map((each) => Math.fround(x.scale[0]! * each));
  if (scale.length > 1 && bias.shape.at(-1) !== scale.length) {
    refuse(
      node.name,
      `${node.opType} expects a bias of ${scale.length} numbers, one for each scale of its weights, found ${showShape(bias.shape)}`,
    );
  }
  return {
    type: 'int32',
    scale,
    zeroPoint: scale.map(() => 0),
    axis: Math.max(0, bias.shape.length - 1),
  };
}

/** The fact of the result: the shape that the operator on floats gives. */
export function inferQLinear<A>(
  op: Op<string, A>,
  { attributes, result }: Pick<QLinearAttributes<string, A>, 'attributes' | 'result'>,
  operands: readonly Fact[],
  node: string,
): readonly Fact[] {
  const floats = operands.map(({ shape }): Fact => ({ dtype: 'float32', shape }));
  return [{ dtype: result?.type ?? 'float32', shape: op.infer(attributes, floats, node)[0]!.shape }];
}

/** The operand as q - Z in float64, in which sums of products of 8 bit integers are exact. */
export function centred(operand: Tensor, quantization: Quantization): Tensor {
  const channel = channelAt(quantization, operand.shape);
  return tensor(
    'float64',
    operand.shape,
    Float64Array.from(operand.data, (q, i) => q - quantization.zeroPoint[channel(i)]!),
  );
}
