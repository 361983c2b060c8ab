// ReduceMax and ReduceMin: the largest and the smallest element over some axes.
import { showShape } from '../tensor/tensor.ts';
import { defineOp, refuse } from './op.ts';
import {
  encodeReduction,
  inferReduction,
  parseReduction,
  type ReductionAttributes,
  reduceOver,
} from './reduction.ts';

/** https://onnx.ai/onnx/operators/onnx__ReduceMax.html; its axes are an input since opset 18. */
export const reduceMax = defineOp<'ReduceMax', ReductionAttributes>({
  name: 'ReduceMax',
  role: 'max-pool',
  fate: 'becomes the window of the neurons behind it: MaxPool',
  tolerance: 0,
  parse: (node, inputs, opset) => parseReduction(node, inputs, opset, 18),
  infer(attributes, [x], node) {
    const { shape, value } = x!;
    if (value === undefined && (attributes.axes.includes(0) || attributes.axes.length === 0)) {
      refuse(
        node,
        `ReduceMax expects axes among 1 to ${shape.length - 1} of a running ${showShape(shape)}, found ${showShape(attributes.axes)}: axis 0 is the batch`,
        'unsupported-attribute',
      );
    }
    return inferReduction('ReduceMax', attributes, x!, node);
  },
  evaluate: (attributes, [x]) => [reduceOver(x!, attributes, Number.NEGATIVE_INFINITY, Math.max)],
  encode: (attributes) => ({ attributes: encodeReduction(attributes) }),
  keepsChannels: ({ axes }, operands) => operands[0]!.length > 1 && axes.every((axis) => axis > 1),
});

/** https://onnx.ai/onnx/operators/onnx__ReduceMin.html; its axes are an input since opset 18. */
export const reduceMin = defineOp<'ReduceMin', ReductionAttributes>({
  name: 'ReduceMin',
  role: 'constant',
  fate: 'folded before conversion',
  tolerance: 0,
  parse: (node, inputs, opset) => parseReduction(node, inputs, opset, 18),
  infer: (attributes, [x], node) => inferReduction('ReduceMin', attributes, x!, node),
  evaluate: (attributes, [x]) => [reduceOver(x!, attributes, Number.POSITIVE_INFINITY, Math.min)],
  encode: (attributes) => ({ attributes: encodeReduction(attributes) }),
});
