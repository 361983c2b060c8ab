// BatchNormalization in inference: a scale and a shift per channel, from stored statistics.
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, floatAttribute } from './attributes.ts';
import { elementwiseSynapses } from './elementwise.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats, onlyFirstOutput, operandsOf } from './operands.ts';

export interface BatchNormalizationAttributes {
  readonly epsilon: number;
}

const DEFAULT_EPSILON = 1e-5;

/** y = (x - mean) / sqrt(var + epsilon) * scale + B. https://onnx.ai/onnx/operators/onnx__BatchNormalization.html */
export const batchNormalization = defineOp<'BatchNormalization', BatchNormalizationAttributes>({
  name: 'BatchNormalization',
  role: 'linear',
  fate: 'folded into the weights before it, or a scale and a shift of currents',
  tolerance: 1e-5,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 5);
    const read = attributesOf(node, [
      'consumed_inputs',
      'epsilon',
      'is_test',
      'momentum',
      'spatial',
      'training_mode',
    ]);
    onlyFirstOutput(node, 'statistics are only updated in training; export the model in eval mode');
    if (read.flag('training_mode', false)) {
      refuse(
        node.name,
        'BatchNormalization expects inference, found training_mode=1: export the model in eval mode',
        'unsupported-attribute',
      );
    }
    if (!read.flag('spatial', true) && inputs[0]!.shape.length > 2) {
      refuse(
        node.name,
        'BatchNormalization expects statistics per channel, found spatial=0',
        'unsupported-attribute',
      );
    }
    return { attributes: { epsilon: read.float('epsilon') ?? DEFAULT_EPSILON }, operands };
  },
  infer(_, operands, node) {
    expectFloats(node, 'BatchNormalization', operands);
    const { dtype, shape } = operands[0]!;
    const channels = shape.length > 1 ? shape[1]! : 1;
    const others = operands.slice(1).map((fact) => fact.shape);
    if (others.some((other) => other.length !== 1 || other[0] !== channels)) {
      refuse(
        node,
        `BatchNormalization expects scale, B, mean and var of [${channels}] for ${showShape(shape)}, found ${others.map(showShape).join(', ')}`,
      );
    }
    return [{ dtype, shape }];
  },
  evaluate({ epsilon }, [x, scale, shift, mean, variance]) {
    const factors = factorsOf(scale!, variance!, epsilon);
    const channelAt = channelsOf(x!.shape);
    const out = tensor(x!.dtype, x!.shape);
    for (let i = 0; i < out.data.length; i++) {
      const c = channelAt(i);
      out.data[i] = (x!.data[i]! - mean!.data[c]!) * factors[c]! + shift!.data[c]!;
    }
    return [out];
  },
  encode: ({ epsilon }) => ({ attributes: { epsilon: floatAttribute(epsilon) } }),
  synapses({ epsilon }, index, operands, output) {
    const [scale, variance] = [operands[1]!.value, operands[4]!.value];
    if (index !== 0 || scale === undefined || variance === undefined) {
      throw new RangeError('BatchNormalization is linear in its operand 0, with constant statistics');
    }
    const factors = factorsOf(scale, variance, epsilon);
    const channelAt = channelsOf(output);
    return elementwiseSynapses(operands[0]!.shape, output, (target) => factors[channelAt(target)]!);
  },
  keepsChannels: (_, operands) => operands[0]!.length > 1,
});

function factorsOf(scale: Tensor, variance: Tensor, epsilon: number): Float64Array {
  return Float64Array.from(scale.data, (s, c) => s / Math.sqrt(variance.data[c]! + epsilon));
}

/** The channel of each element of `shape`. */
function channelsOf(shape: Shape): (element: number) => number {
  const channels = shape.length > 1 ? shape[1]! : 1;
  const size = sizeOf(shape.slice(2));
  return (element) => Math.floor(element / size) % channels;
}
