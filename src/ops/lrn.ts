// LRN: every element divided by a power of the squares of its neighbours in other channels.
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, floatAttribute, intAttribute } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats, expectRank, operandsOf } from './operands.ts';

export interface LrnAttributes {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
  /** How many channels are summed over, the element's own in the middle. */
  readonly size: number;
}

/** y = x / (bias + alpha / size * sum of x^2 over `size` channels)^beta. https://onnx.ai/onnx/operators/onnx__LRN.html */
export const lrn = defineOp<'LRN', LrnAttributes>({
  name: 'LRN',
  role: 'analog',
  fate: 'is computed on decoded values',
  tolerance: 1e-5,
  parse(node, inputs) {
    const read = attributesOf(node, ['alpha', 'beta', 'bias', 'size']);
    const size = read.int('size');
    if (size === undefined || size < 1) {
      refuse(node.name, `LRN expects a size from 1, found ${size ?? 'none'}`, 'invalid-graph');
    }
    return {
      attributes: {
        alpha: read.float('alpha') ?? 1e-4,
        beta: read.float('beta') ?? 0.75,
        bias: read.float('bias') ?? 1,
        size,
      },
      operands: operandsOf(node, inputs, 1),
    };
  },
  infer(_, operands, node) {
    const { dtype, shape } = operands[0]!;
    expectFloats(node, 'LRN', operands);
    expectRank(node, 'LRN', shape, 3, '[N, C, ...]');
    return [{ dtype, shape }];
  },
  evaluate: (attributes, [x]) => [normalised(attributes, x!)],
  encode: ({ alpha, beta, bias, size }) => ({
    attributes: {
      alpha: floatAttribute(alpha),
      beta: floatAttribute(beta),
      bias: floatAttribute(bias),
      size: intAttribute(size),
    },
  }),
  keepsChannels: () => true,
});

function normalised({ alpha, beta, bias, size }: LrnAttributes, x: Tensor): Tensor {
  const channels = x.shape[1]!;
  const area = sizeOf(x.shape.slice(2));
  const out = tensor(x.dtype, x.shape);
  for (let i = 0; i < x.data.length; i++) {
    const channel = Math.floor(i / area) % channels;
    const low = Math.max(0, channel - Math.floor((size - 1) / 2));
    const high = Math.min(channels - 1, channel + Math.ceil((size - 1) / 2));
    let squares = 0;
    for (let c = low; c <= high; c++) squares += x.data[i + (c - channel) * area]! ** 2;
    out.data[i] = x.data[i]! / (bias + (alpha / size) * squares) ** beta;
  }
  return out;
}
