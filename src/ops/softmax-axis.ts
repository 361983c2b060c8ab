// What Softmax and LogSoftmax share: the axis they normalise, which changed its meaning with opset 13.
import type { OnnxNode } from '../onnx/model.ts';
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { type Fact, type Parsed, refuse } from './op.ts';
import { axisOf, operandsOf } from './operands.ts';

export interface SoftmaxAttributes {
  /** Normalised over this axis alone; counted from the front. */
  readonly axis: number;
}

/**
 * Reads the axis. Before opset 13 the operand was flattened to a matrix at `axis` and its rows were
 * normalised: the same as one axis when all others from there on have size 1, and refused when not. Axis 0
 * made one row of all images.
 */
export function parseSoftmax(
  node: OnnxNode,
  inputs: readonly (Fact | undefined)[],
  opset: number,
): Parsed<SoftmaxAttributes> {
  const operands = operandsOf(node, inputs, 1);
  const { shape } = inputs[0]!;
  const given = attributesOf(node, ['axis']).int('axis') ?? (opset < 13 ? 1 : -1);
  const axis = axisOf(node, given, shape.length);
  return { attributes: { axis: opset < 13 ? onlyAxis(node, shape, axis) : axis }, operands };
}

function onlyAxis(node: OnnxNode, shape: Shape, axis: number): number {
  const wide = shape.flatMap((dim, i) => (i >= axis && dim !== 1 ? [i] : []));
  if (wide.length > 1 || (axis === 0 && shape.length > 1)) {
    refuse(
      node.name,
      `${node.opType} before opset 13 expects to normalise one axis, found axis ${axis} of ${showShape(shape)}, which normalises all from there on together`,
      'unsupported-attribute',
    );
  }
  return wide[0] ?? axis;
}

/** Applies `normalise` to every line of `x` along `axis`; lines are copied out and back. */
export function alongAxis(x: Tensor, axis: number, normalise: (line: Float64Array) => void): Tensor {
  const out = tensor(x.dtype, x.shape);
  const line = new Float64Array(x.shape[axis]!);
  const step = sizeOf(x.shape.slice(axis + 1));
  for (let start = 0; start < x.data.length; start++) {
    if (Math.floor(start / step) % line.length !== 0) continue;
    for (let i = 0; i < line.length; i++) line[i] = x.data[start + i * step]!;
    normalise(line);
    for (let i = 0; i < line.length; i++) out.data[start + i * step] = line[i]!;
  }
  return out;
}
