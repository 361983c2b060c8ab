// What ReduceMean, ReduceSum, ReduceMax and ReduceMin share: their axes, the shape they leave and the loop.
import type { AttributeValue, OnnxNode } from '../onnx/model.ts';
import { broadcastIndex } from '../tensor/broadcast.ts';
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute, intsAttribute } from './attributes.ts';
import { reducedShape } from './mean.ts';
import { type Fact, type Parsed, refuse } from './op.ts';
import { axesOf, constantInts, inputFact } from './operands.ts';

export interface ReductionAttributes {
  /** Counted from the front; where the node names none, all. */
  readonly axes: readonly number[];
  /** Whether the axes stay, with size 1. */
  readonly keepDims: boolean;
}

/**
 * Reads the axes of a reduction: an attribute before opset `inputSince`, an input since. A node that names no axes and
 * says that it then does nothing (noop_with_empty_axes) has none.
 */
export function parseReduction(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  opset: number,
  inputSince: number,
): Parsed<ReductionAttributes> {
  const rank = inputFact(node, inputs, 0, 'the data').shape.length;
  const read = attributesOf(
    node,
    opset < inputSince ? ['axes', 'keepdims'] : ['keepdims', 'noop_with_empty_axes'],
  );
  const given =
    opset < inputSince
      ? (read.ints('axes') ?? [])
      : inputs[1] === undefined
        ? []
        : constantInts(node, inputs, 1, 'axes');
  const all = given.length === 0 && !read.flag('noop_with_empty_axes', false);
  const axes = all ? Array.from({ length: rank }, (_, axis) => axis) : given;
  return {
    attributes: { axes: axesOf(node, axes, rank), keepDims: read.flag('keepdims', true) },
    operands: [0],
  };
}

/** The fact of the result. */
export function inferReduction(
  op: string,
  { axes, keepDims }: ReductionAttributes,
  { dtype, shape }: Fact,
  node: string,
): readonly Fact[] {
  if (axes.some((axis) => axis >= shape.length)) {
    refuse(node, `${op} expects an operand with axes ${axes.join(', ')}, found ${showShape(shape)}`);
  }
  return [{ dtype, shape: reductionShape({ axes, keepDims }, shape) }];
}

/** `shape` with the axes gone, or of size 1. */
export function reductionShape({ axes, keepDims }: ReductionAttributes, shape: Shape): Shape {
  return keepDims ? reducedShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

/** Every element of a line along the axes taken into `start` by `combine`, in float64. */
export function reduceOver(
  x: Tensor,
  attributes: ReductionAttributes,
  start: number,
  combine: (total: number, value: number) => number,
): Tensor {
  const shape = reducedShape(x.shape, attributes.axes);
  const target = broadcastIndex(shape, x.shape);
  const totals = new Float64Array(sizeOf(shape)).fill(start);
  for (let i = 0; i < target.length; i++) totals[target[i]!] = combine(totals[target[i]!]!, x.data[i]!);
  const out = tensor(x.dtype, reductionShape(attributes, x.shape));
  out.data.set(totals);
  return out;
}

/** The attributes as EMITTED_OPSET has them where the axes are one of them. */
export function encodeReduction({ axes, keepDims }: ReductionAttributes): Record<string, AttributeValue> {
  return { axes: intsAttribute(axes), keepdims: intAttribute(keepDims ? 1 : 0) };
}
