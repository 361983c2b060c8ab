// Pad, constant mode: puts a border of one value around the operand; negative pads cut off.
import type { OnnxNode } from '../onnx/model.ts';
import { gatherIndex } from '../tensor/broadcast.ts';
import {
  floatTensor,
  indexTensor,
  type Shape,
  showShape,
  stridesOf,
  type Tensor,
  tensor,
} from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, type Fact, refuse } from './op.ts';
import { axesOf, constantInput, constantInts, inputFact } from './operands.ts';

export interface PadAttributes {
  /** The beginnings of every axis, then the ends. */
  readonly pads: readonly number[];
  readonly value: number;
}

/** https://onnx.ai/onnx/operators/onnx__Pad.html */
export const pad = defineOp<'Pad', PadAttributes>({
  name: 'Pad',
  role: 'layout',
  fate: 'puts silent neighbours around',
  tolerance: 0,
  parse(node, inputs, opset) {
    const rank = inputFact(node, inputs, 0, 'the data').shape.length;
    const attributes = opset < 11 ? fromAttributes(node) : fromInputs(node, inputs, rank);
    if (attributes.pads.length !== 2 * rank) {
      refuse(
        node.name,
        `Pad expects ${2 * rank} pads for ${rank} axes, found ${attributes.pads.length}`,
        'invalid-graph',
      );
    }
    return { attributes, operands: [0] };
  },
  infer({ pads }, [x], node) {
    const shape = padded(x!.shape, pads);
    if (pads.length !== 2 * x!.shape.length || shape.some((dim) => dim < 0)) {
      refuse(
        node,
        `Pad expects pads that leave something of ${showShape(x!.shape)}, found ${showShape(pads)}`,
      );
    }
    return [{ dtype: x!.dtype, shape }];
  },
  evaluate: (attributes, [x]) => [surround(x!, attributes)],
  encode: ({ pads, value }) => ({
    attributes: {},
    parameters: value === 0 ? [indexTensor(pads)] : [indexTensor(pads), floatTensor([], [value])],
  }),
  keepsChannels({ pads }, operands) {
    const rank = operands[0]!.length;
    return rank > 1 && [0, 1, rank, rank + 1].every((i) => pads[i] === 0);
  },
});

function fromAttributes(node: OnnxNode): PadAttributes {
  const read = attributesOf(node, ['mode', 'pads', 'value']);
  expectConstantMode(node, read.string('mode'));
  const pads = read.ints('pads');
  if (pads === undefined) refuse(node.name, 'Pad expects the attribute pads, found none', 'invalid-graph');
  return { pads, value: read.float('value') ?? 0 };
}

function fromInputs(node: OnnxNode, inputs: readonly (Fact | undefined)[], rank: number): PadAttributes {
  expectConstantMode(node, attributesOf(node, ['mode']).string('mode'));
  const given = constantInts(node, inputs, 1, 'pads');
  const value = constantInput(node, inputs, 2, 'constant_value')?.[0] ?? 0;
  if (inputs[3] === undefined) return { pads: given, value };
  const axes = axesOf(node, constantInts(node, inputs, 3, 'axes'), rank);
  if (given.length !== 2 * axes.length) {
    refuse(
      node.name,
      `Pad expects ${2 * axes.length} pads for ${axes.length} axes, found ${given.length}`,
      'invalid-graph',
    );
  }
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, i) => {
    pads[axis] = given[i]!;
    pads[rank + axis] = given[axes.length + i]!;
  });
  return { pads, value };
}

function expectConstantMode(node: OnnxNode, mode = 'constant'): void {
  if (mode !== 'constant') {
    refuse(node.name, `Pad expects mode "constant", found "${mode}"`, 'unsupported-attribute');
  }
}

function padded(shape: Shape, pads: readonly number[]): Shape {
  return shape.map((dim, axis) => dim + pads[axis]! + pads[shape.length + axis]!);
}

function surround(x: Tensor, { pads, value }: PadAttributes): Tensor {
  const rank = x.shape.length;
  const out = tensor(x.dtype, padded(x.shape, pads));
  if (value !== 0) out.data.fill(value);
  const kept = x.shape.map((dim, axis) => dim + Math.min(0, pads[axis]!) + Math.min(0, pads[rank + axis]!));
  if (kept.some((dim) => dim <= 0)) return out;
  const begin = (strides: readonly number[], sign: 1 | -1) =>
    strides.reduce((sum, stride, axis) => sum + stride * Math.max(0, sign * pads[axis]!), 0);
  const [from, to] = [stridesOf(x.shape), stridesOf(out.shape)];
  const source = gatherIndex(kept, from, begin(from, -1));
  const target = gatherIndex(kept, to, begin(to, 1));
  for (let i = 0; i < source.length; i++) out.data[target[i]!] = x.data[source[i]!]!;
  return out;
}
