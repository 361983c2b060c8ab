// LayerNormalization: the last axes of each image brought to mean 0 and variance 1, then scaled and shifted.
import { broadcastShape } from '../tensor/broadcast.ts';
import { type Shape, sameShape, showShape } from '../tensor/tensor.ts';
import { attributesOf, floatAttribute, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { axisOf, expectFloats, inputFact, onlyFirstOutput, operandsOf } from './operands.ts';
import { scaledAndShifted, standardised } from './standardise.ts';

export interface LayerNormalizationAttributes {
  /** The first of the axes that are normalised together; counted from the front. */
  readonly axis: number;
  readonly epsilon: number;
}

/** https://onnx.ai/onnx/operators/onnx__LayerNormalization.html */
export const layerNormalization = defineOp<'LayerNormalization', LayerNormalizationAttributes>({
  name: 'LayerNormalization',
  role: 'analog',
  since: 17,
  fate: 'is computed on decoded values',
  tolerance: 1e-5,
  parse(node, inputs) {
    const rank = inputFact(node, inputs, 0, 'the data').shape.length;
    onlyFirstOutput(node, 'mean and deviation are not put out');
    const read = attributesOf(node, ['axis', 'epsilon', 'stash_type']);
    return {
      attributes: {
        axis: axisOf(node, read.int('axis') ?? -1, rank),
        epsilon: read.float('epsilon') ?? 1e-5,
      },
      operands: operandsOf(node, inputs, 2, 3),
    };
  },
  infer({ axis }, operands, node) {
    const [x, ...constants] = operands.map((fact) => fact.shape) as [Shape, Shape, Shape?];
    expectFloats(node, 'LayerNormalization', operands);
    const line = x.slice(axis);
    // Scale and shift of another layout than the normalised axes are told apart by ONNX Runtime's versions.
    if (
      constants.some((shape) => shape !== undefined && !sameShape(broadcastShape(shape, line) ?? [-1], line))
    ) {
      refuse(
        node,
        `LayerNormalization expects Scale and B that broadcast to ${showShape(line)}, found ${constants.map((shape) => showShape(shape ?? [])).join(' and ')}`,
      );
    }
    return [{ dtype: operands[0]!.dtype, shape: x }];
  },
  evaluate({ axis, epsilon }, [x, scale, shift]) {
    const axes = x!.shape.map((_, i) => i).slice(axis);
    return [scaledAndShifted(x!, standardised(x!, axes, epsilon), scale!.shape, scale!, shift)];
  },
  encode: ({ axis, epsilon }) => ({
    attributes: { axis: intAttribute(axis), epsilon: floatAttribute(epsilon) },
  }),
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});
