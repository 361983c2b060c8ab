// Mean: any number of operands, averaged element by element with broadcasting.
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import { attributesOf, type NoAttributes } from './attributes.ts';
import { elementwiseSynapses, evaluateBinary, inferElementwise, keepsAxisOne } from './elementwise.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';

/** https://onnx.ai/onnx/operators/onnx__Mean.html */
export const elementwiseMean = defineOp<'Mean', NoAttributes>({
  name: 'Mean',
  role: 'linear',
  fate: 'averages currents: becomes a chain of Add and a Mul',
  tolerance: 1e-6,
  parse(node, inputs) {
    attributesOf(node, ['consumed_inputs']);
    if (inputs.length === 0)
      refuse(node.name, 'Mean expects at least one input, found none', 'invalid-graph');
    return { attributes: {}, operands: operandsOf(node, inputs, inputs.length) };
  },
  infer(_, operands, node) {
    expectFloats(node, 'Mean', operands);
    return inferElementwise('Mean', operands, node);
  },
  evaluate(_, operands) {
    const total = operands.reduce((sum, next) => evaluateBinary(sum, next, (x, y) => x + y));
    return [evaluateBinary(total, count(operands), (x, n) => x / n)];
  },
  encode: () => ({ attributes: {} }),
  synapses: (_, index, operands, output) =>
    elementwiseSynapses(operands[index]!.shape, output, () => 1 / operands.length),
  keepsChannels: (_, operands, output) => keepsAxisOne(operands[0]!, output),
});

function count(operands: readonly Tensor[]): Tensor {
  return floatTensor([], [operands.length]);
}
