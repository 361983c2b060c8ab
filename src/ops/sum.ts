// Sum: any number of operands, added with broadcasting.
import { attributesOf, type NoAttributes } from './attributes.ts';
import { elementwiseSynapses, evaluateBinary, inferElementwise, keepsAxisOne } from './elementwise.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Sum.html */
export const sum = defineOp<'Sum', NoAttributes>({
  name: 'Sum',
  role: 'linear',
  fate: 'adds currents: becomes a chain of Add',
  tolerance: 1e-6,
  parse(node, inputs) {
    attributesOf(node, ['consumed_inputs']);
    if (inputs.length === 0) refuse(node.name, 'Sum expects at least one input, found none', 'invalid-graph');
    return { attributes: {}, operands: operandsOf(node, inputs, inputs.length) };
  },
  infer(_, operands, node) {
    expectFloats(node, 'Sum', operands);
    return inferElementwise('Sum', operands, node);
  },
  evaluate: (_, operands) => [operands.reduce((total, next) => evaluateBinary(total, next, (x, y) => x + y))],
  encode: () => ({ attributes: {} }),
  synapses: (_, index, operands, output) => elementwiseSynapses(operands[index]!.shape, output, () => 1),
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});
