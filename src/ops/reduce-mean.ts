// ReduceMean: the mean over some axes.
import { meanOver, meanSynapses } from './mean.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats } from './operands.ts';
import {
  encodeReduction,
  inferReduction,
  parseReduction,
  type ReductionAttributes,
  reductionShape,
} from './reduction.ts';

/** https://onnx.ai/onnx/operators/onnx__ReduceMean.html; its axes are an input since opset 18. */
export const reduceMean = defineOp<'ReduceMean', ReductionAttributes>({
  name: 'ReduceMean',
  role: 'linear',
  fate: 'averages currents',
  tolerance: 1e-6,
  parse(node, inputs, opset) {
    const parsed = parseReduction(node, inputs, opset, 18);
    if (parsed.attributes.axes.length === 0 && inputs[0]!.shape.length > 0) {
      refuse(
        node.name,
        'ReduceMean expects axes, found none and noop_with_empty_axes=1: it does nothing',
        'unsupported-attribute',
      );
    }
    return parsed;
  },
  infer(attributes, operands, node) {
    expectFloats(node, 'ReduceMean', operands);
    return inferReduction('ReduceMean', attributes, operands[0]!, node);
  },
  evaluate: (attributes, [x]) => [
    { ...meanOver(x!, attributes.axes), shape: reductionShape(attributes, x!.shape) },
  ],
  encode: (attributes) => ({ attributes: encodeReduction(attributes) }),
  synapses: ({ axes }, index, operands) => meanSynapses(operands[index]!.shape, axes),
  keepsChannels: ({ axes }, operands) => operands[0]!.length > 1 && axes.every((axis) => axis > 1),
});
