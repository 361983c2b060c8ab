// What Add, Sub, Mul, Div and Sum share: element by element with multidirectional broadcasting.
import type { OnnxNode } from '../onnx/model.ts';
import { broadcastIndex, broadcastShape } from '../tensor/broadcast.ts';
import {
  type DType,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  type Tensor,
  tensor,
} from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { fanOut } from './fan-out.ts';
import { type Fact, type Parsed, refuse, type Synapses } from './op.ts';
import { operandsOf } from './operands.ts';

/** Reads Add, Sub, Mul or Div. Before opset 7 the second operand could be aligned by `axis`. */
export function parseBinary(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  opset: number,
): Parsed<NoAttributes> {
  const operands = operandsOf(node, inputs, 2);
  const read = attributesOf(node, opset < 7 ? ['axis', 'broadcast', 'consumed_inputs'] : []);
  const axis = read.int('axis');
  const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
  if (axis !== undefined && b.length > 0 && (axis < 0 ? axis + a.length : axis) !== a.length - b.length) {
    refuse(
      node.name,
      `${node.opType} of opset ${opset} expects axis ${a.length - b.length}, where ${showShape(b)} ends with ${showShape(a)}; found axis ${axis}`,
      'unsupported-attribute',
    );
  }
  return { attributes: {}, operands };
}

/** The fact of the result: one type of numbers, shapes broadcast together. */
export function inferElementwise(op: string, operands: readonly Fact[], node: string): readonly Fact[] {
  const { dtype, shape } = operands[0]!;
  if (dtype === 'bool' || operands.some((fact) => fact.dtype !== dtype)) {
    refuse(
      node,
      `${op} expects operands of one type of numbers, found ${operands.map((fact) => fact.dtype).join(', ')}`,
      'unsupported-type',
    );
  }
  let result: Shape = shape;
  for (const fact of operands.slice(1)) {
    const wider = broadcastShape(result, fact.shape);
    if (wider === undefined) {
      refuse(
        node,
        `${op} expects shapes that broadcast together, found ${operands.map((f) => showShape(f.shape)).join(' and ')}`,
      );
    }
    result = wider;
  }
  return [{ dtype, shape: result }];
}

/**
 * `combine(a, b)` for every element, rounded to the operands' type; integers wrap (int64 does not: shapes
 * never get there).
 */
export function evaluateBinary(
  a: Tensor,
  b: Tensor,
  combine: (a: number, b: number, dtype: DType) => number,
): Tensor {
  const shape = broadcastShape(a.shape, b.shape)!;
  const out = tensor(a.dtype, shape);
  const { data } = out;
  const left = sameShape(a.shape, shape) ? undefined : broadcastIndex(a.shape, shape);
  const right = sameShape(b.shape, shape) ? undefined : broadcastIndex(b.shape, shape);
  for (let i = 0; i < data.length; i++) {
    data[i] = combine(
      a.data[left === undefined ? i : left[i]!]!,
      b.data[right === undefined ? i : right[i]!]!,
      a.dtype,
    );
  }
  return out;
}

/**
 * The connectivity of an operand of shape `source`: its element goes, times `weightAt(target)`, to every
 * output element that it is broadcast to.
 */
export function elementwiseSynapses(
  source: Shape,
  output: Shape,
  weightAt: (target: number) => number,
): Synapses {
  if (sameShape(source, output)) {
    return (from, visit) => {
      const weight = weightAt(from);
      if (weight !== 0) visit(from, weight);
    };
  }
  const { starts, pairs } = fanOut(broadcastIndex(source, output), sizeOf(source));
  return (from, visit) => {
    for (let p = starts[from]!; p < starts[from + 1]!; p++) {
      const weight = weightAt(pairs[p]!);
      if (weight !== 0) visit(pairs[p]!, weight);
    }
  };
}

/** The value of a constant operand at every output element. */
export function broadcastValue(fact: Fact, output: Shape, op: string): (target: number) => number {
  if (fact.value === undefined) throw new RangeError(`${op} of two running operands has no fixed weights`);
  const { data } = fact.value;
  const index = broadcastIndex(fact.shape, output);
  return (target) => data[index[target]!]!;
}

/** Axis 1 of the operand is axis 1 of the result, element by element. */
export function keepsAxisOne(operand: Shape, output: Shape): boolean {
  return operand.length === output.length && operand.length > 1 && operand[1] === output[1];
}
