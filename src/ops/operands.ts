// Reading a node's inputs: which are operands, which are constants that parametrise the node, and its axes.
import type { OnnxNode } from '../onnx/model.ts';
import { isFloat, type Shape, showShape } from '../tensor/tensor.ts';
import { type Fact, refuse } from './op.ts';

type Inputs = readonly (Fact | undefined)[];

/**
 * Indices of the operands: the first `required` inputs must be there, up to `allowed` in all.
 * An operand that the node leaves out is not listed.
 */
export function operandsOf(
  node: OnnxNode,
  inputs: Inputs,
  required: number,
  allowed = required,
): readonly number[] {
  const indices = inputs.flatMap((fact, index) => (fact === undefined ? [] : [index]));
  const missing = Array.from({ length: required }, (_, index) => index).filter(
    (i) => inputs[i] === undefined,
  );
  if (missing.length > 0 || inputs.length > allowed) {
    const expected = required === allowed ? `${required}` : `${required} to ${allowed}`;
    refuse(node.name, `${node.opType} expects ${expected} inputs, found ${indices.length}`, 'invalid-graph');
  }
  return indices;
}

/** The fact of an input that must be there. */
export function inputFact(node: OnnxNode, inputs: Inputs, index: number, what: string): Fact {
  const fact = inputs[index];
  if (fact === undefined) {
    refuse(node.name, `${node.opType} expects ${what} as input ${index}, found none`, 'invalid-graph');
  }
  return fact;
}

/**
 * The numbers of a constant input, or undefined when the node leaves it out.
 * @throws Ann2SnnError `dynamic-shape` when the input is computed from running data.
 */
export function constantInput(
  node: OnnxNode,
  inputs: Inputs,
  index: number,
  what: string,
): readonly number[] | undefined {
  const fact = inputs[index];
  if (fact === undefined) return undefined;
  if (fact.value === undefined) {
    refuse(
      node.name,
      `${node.opType} expects its ${what} (input ${index}, "${node.inputs[index]}") to be constant, found it computed from the data`,
      'dynamic-shape',
    );
  }
  return [...fact.value.data];
}

/** Like `constantInput`, of whole numbers and not optional. */
export function constantInts(node: OnnxNode, inputs: Inputs, index: number, what: string): readonly number[] {
  const fact = inputFact(node, inputs, index, what);
  if (isFloat(fact.dtype) || fact.shape.length > 1) {
    refuse(
      node.name,
      `${node.opType} expects its ${what} (input ${index}) to be a list of integers, found ${fact.dtype} ${showShape(fact.shape)}`,
      'invalid-graph',
    );
  }
  return constantInput(node, inputs, index, what)!;
}

/** The axis counted from the front. */
export function axisOf(node: OnnxNode, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || counted < 0 || counted >= rank) {
    refuse(
      node.name,
      `${node.opType} expects an axis from ${-rank} to ${rank - 1}, found ${axis}`,
      'invalid-graph',
    );
  }
  return counted;
}

/** The axes counted from the front; naming one twice is refused. */
export function axesOf(node: OnnxNode, axes: readonly number[], rank: number): readonly number[] {
  const counted = axes.map((axis) => axisOf(node, axis, rank));
  if (new Set(counted).size !== counted.length) {
    refuse(node.name, `${node.opType} expects different axes, found ${axes.join(', ')}`, 'invalid-graph');
  }
  return counted;
}

/** Refuses a node whose outputs after the first are read. */
export function onlyFirstOutput(node: OnnxNode, why: string): void {
  const extra = node.outputs.slice(1).filter((output) => output !== '');
  if (extra.length > 0) {
    refuse(
      node.name,
      `${node.opType} expects one output, found also ${extra.join(', ')}: ${why}`,
      'unsupported-attribute',
    );
  }
}

/** Refuses operands that are not all floating point numbers of one type. */
export function expectFloats(node: string, op: string, operands: readonly Fact[]): void {
  const dtype = operands[0]!.dtype;
  if (!isFloat(dtype) || operands.some((fact) => fact.dtype !== dtype)) {
    refuse(
      node,
      `${op} expects floating point operands of one type, found ${operands.map((fact) => fact.dtype).join(', ')}`,
      'unsupported-type',
    );
  }
}

/** Refuses an operand of fewer than `rank` axes. */
export function expectRank(node: string, op: string, shape: Shape, rank: number, layout: string): void {
  if (shape.length < rank) refuse(node, `${op} expects an operand ${layout}, found ${showShape(shape)}`);
}
