// InstanceNormalization: each channel of each image brought to mean 0 and variance 1, then scaled and shifted.
import { type Shape, showShape } from '../tensor/tensor.ts';
import { attributesOf, floatAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats, expectRank, operandsOf } from './operands.ts';
import { spatialAxes } from './spatial-axes.ts';
import { scaledAndShifted, standardised } from './standardise.ts';

export interface InstanceNormalizationAttributes {
  readonly epsilon: number;
}

/** https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html */
export const instanceNormalization = defineOp<'InstanceNormalization', InstanceNormalizationAttributes>({
  name: 'InstanceNormalization',
  role: 'analog',
  fate: 'is computed on decoded values',
  tolerance: 1e-5,
  parse(node, inputs) {
    const epsilon = attributesOf(node, ['consumed_inputs', 'epsilon']).float('epsilon') ?? 1e-5;
    return { attributes: { epsilon }, operands: operandsOf(node, inputs, 3) };
  },
  infer(_, operands, node) {
    const [x, scale, shift] = operands.map((fact) => fact.shape) as [Shape, Shape, Shape];
    expectFloats(node, 'InstanceNormalization', operands);
    expectRank(node, 'InstanceNormalization', x, 3, '[N, C, ...]');
    if ([scale, shift].some((shape) => shape.length !== 1 || shape[0] !== x[1])) {
      refuse(
        node,
        `InstanceNormalization expects scale and B of [${x[1]}], found ${showShape(scale)} and ${showShape(shift)}`,
      );
    }
    return [{ dtype: operands[0]!.dtype, shape: x }];
  },
  evaluate({ epsilon }, [x, scale, shift]) {
    const axes = spatialAxes(x!.shape);
    const perChannel = [x!.shape[1]!, ...axes.map(() => 1)];
    return [scaledAndShifted(x!, standardised(x!, axes, epsilon), perChannel, scale!, shift)];
  },
  encode: ({ epsilon }) => ({ attributes: { epsilon: floatAttribute(epsilon) } }),
  keepsChannels: () => true,
});
