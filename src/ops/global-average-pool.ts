// GlobalAveragePool: the mean of each channel.
import { attributesOf, type NoAttributes } from './attributes.ts';
import { meanOver, meanSynapses, reducedShape } from './mean.ts';
import { defineOp } from './op.ts';
import { expectFloats, expectRank, operandsOf } from './operands.ts';
import { spatialAxes } from './spatial-axes.ts';

/** https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html */
export const globalAveragePool = defineOp<'GlobalAveragePool', NoAttributes>({
  name: 'GlobalAveragePool',
  role: 'linear',
  fate: 'averages currents',
  tolerance: 1e-6,
  parse(node, inputs) {
    attributesOf(node, []);
    return { attributes: {}, operands: operandsOf(node, inputs, 1) };
  },
  infer(_, operands, node) {
    const { dtype, shape } = operands[0]!;
    expectFloats(node, 'GlobalAveragePool', operands);
    expectRank(node, 'GlobalAveragePool', shape, 3, '[N, C, ...]');
    return [{ dtype, shape: reducedShape(shape, spatialAxes(shape)) }];
  },
  evaluate: (_, [x]) => [meanOver(x!, spatialAxes(x!.shape))],
  encode: () => ({ attributes: {} }),
  synapses: (_, index, operands) => meanSynapses(operands[index]!.shape, spatialAxes(operands[index]!.shape)),
  keepsChannels: () => true,
});
