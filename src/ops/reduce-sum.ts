// ReduceSum: the sum over some axes.
import { indexTensor, sizeOf } from '../tensor/tensor.ts';
import { intAttribute } from './attributes.ts';
import { meanSynapses, reducedShape } from './mean.ts';
import { defineOp } from './op.ts';
import { inferReduction, parseReduction, type ReductionAttributes, reduceOver } from './reduction.ts';

/** https://onnx.ai/onnx/operators/onnx__ReduceSum.html; its axes are an input since opset 13. */
export const reduceSum = defineOp<'ReduceSum', ReductionAttributes>({
  name: 'ReduceSum',
  role: 'linear',
  fate: 'adds currents up: becomes ReduceMean times their number',
  tolerance: 1e-6,
  parse: (node, inputs, opset) => parseReduction(node, inputs, opset, 13),
  infer: (attributes, [x], node) => inferReduction('ReduceSum', attributes, x!, node),
  evaluate: (attributes, [x]) => [reduceOver(x!, attributes, 0, (sum, value) => sum + value)],
  encode: ({ axes, keepDims }) => ({
    attributes: { keepdims: intAttribute(keepDims ? 1 : 0), noop_with_empty_axes: intAttribute(1) },
    parameters: [indexTensor(axes)],
  }),
  synapses({ axes }, index, operands) {
    const { shape } = operands[index]!;
    const mean = meanSynapses(shape, axes);
    const count = sizeOf(shape) / sizeOf(reducedShape(shape, axes));
    return (source, visit) => mean(source, (target, weight) => visit(target, weight * count));
  },
  keepsChannels: ({ axes }, operands) => operands[0]!.length > 1 && axes.every((axis) => axis > 1),
});
