// ConvInteger: Conv of 8 bit integers less their zero points.
import { type ConvAttributes, conv } from './conv.ts';
import {
  asFloats,
  encodeZeroPoints,
  evaluateProduct,
  productType,
  readZeroPoints,
  type ZeroPoints,
} from './integer-product.ts';
import { defineOp } from './op.ts';

export interface ConvIntegerAttributes extends ConvAttributes, ZeroPoints {}

/** Inputs x, W, zero point of x, zero points of W. https://onnx.ai/onnx/operators/onnx__ConvInteger.html */
export const convInteger = defineOp<'ConvInteger', ConvIntegerAttributes>({
  name: 'ConvInteger',
  role: 'constant',
  since: 10,
  fate: 'becomes Conv',
  tolerance: 0,
  parse(node, inputs) {
    const zeroPoints = readZeroPoints(node, inputs, (weights) => weights.shape[0]);
    const { attributes, operands } = conv.parse(node, inputs.slice(0, 2), 0);
    return { attributes: { ...attributes, ...zeroPoints }, operands };
  },
  infer(attributes, operands, node) {
    const [product] = conv.infer(attributes, asFloats(operands), node);
    return [{ dtype: productType(operands[0]!), shape: product!.shape }];
  },
  evaluate: (attributes, operands) => [
    evaluateProduct(attributes, 0, operands, (x, w) => conv.evaluate(attributes, [x, w])[0]!),
  ],
  encode: (attributes) => ({ ...conv.encode(attributes), parameters: encodeZeroPoints(attributes) }),
});
