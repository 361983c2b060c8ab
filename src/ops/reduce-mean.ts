// ReduceMean: the mean over some axes.
import type { OnnxNode } from '../onnx/model.ts';
import { type Shape, showShape } from '../tensor/tensor.ts';
import { attributesOf, intAttribute, intsAttribute } from './attributes.ts';
import { meanOver, meanSynapses, reducedShape } from './mean.ts';
import { defineOp, type Fact, refuse } from './op.ts';
import { axesOf, constantInts, expectFloats, inputFact } from './operands.ts';

export interface ReduceMeanAttributes {
  /** Counted from the front; where the node names none, all. */
  readonly axes: readonly number[];
  /** Whether the axes stay, with size 1. */
  readonly keepDims: boolean;
}

/** https://onnx.ai/onnx/operators/onnx__ReduceMean.html; its axes are an input since opset 18. */
export const reduceMean = defineOp<'ReduceMean', ReduceMeanAttributes>({
  name: 'ReduceMean',
  role: 'linear',
  fate: 'averages currents',
  tolerance: 1e-6,
  parse(node, inputs, opset) {
    const rank = inputFact(node, inputs, 0, 'the data').shape.length;
    const read = attributesOf(
      node,
      opset < 18 ? ['axes', 'keepdims'] : ['axes', 'keepdims', 'noop_with_empty_axes'],
    );
    const given = opset < 18 ? (read.ints('axes') ?? []) : axesInput(node, inputs);
    if (given.length === 0 && read.flag('noop_with_empty_axes', false)) {
      refuse(
        node.name,
        'ReduceMean expects axes, found none and noop_with_empty_axes=1: it does nothing',
        'unsupported-attribute',
      );
    }
    const axes = given.length === 0 ? Array.from({ length: rank }, (_, axis) => axis) : given;
    return {
      attributes: { axes: axesOf(node, axes, rank), keepDims: read.flag('keepdims', true) },
      operands: [0],
    };
  },
  infer(attributes, operands, node) {
    const { dtype, shape } = operands[0]!;
    expectFloats(node, 'ReduceMean', operands);
    if (attributes.axes.some((axis) => axis >= shape.length)) {
      refuse(
        node,
        `ReduceMean expects an operand with axes ${attributes.axes.join(', ')}, found ${showShape(shape)}`,
      );
    }
    return [{ dtype, shape: resultShape(attributes, shape) }];
  },
  evaluate: (attributes, [x]) => [
    { ...meanOver(x!, attributes.axes), shape: resultShape(attributes, x!.shape) },
  ],
  encode: ({ axes, keepDims }) => ({
    attributes: { axes: intsAttribute(axes), keepdims: intAttribute(keepDims ? 1 : 0) },
  }),
  synapses: ({ axes }, index, operands) => meanSynapses(operands[index]!.shape, axes),
  keepsChannels: ({ axes }, operands) => operands[0]!.length > 1 && axes.every((axis) => axis > 1),
});

function axesInput(node: OnnxNode, inputs: readonly (Fact | undefined)[]): readonly number[] {
  return inputs[1] === undefined ? [] : constantInts(node, inputs, 1, 'axes');
}

function resultShape({ axes, keepDims }: ReduceMeanAttributes, shape: Shape): Shape {
  return keepDims ? reducedShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}
