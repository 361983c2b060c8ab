// MatMulInteger: MatMul of 8 bit integers less their zero points.
import {
  asFloats,
  encodeZeroPoints,
  evaluateProduct,
  productType,
  readZeroPoints,
  type ZeroPoints,
} from './integer-product.ts';
import { matMul } from './mat-mul.ts';
import { defineOp } from './op.ts';

/** Inputs A, B, zero point of A, zero points of B. https://onnx.ai/onnx/operators/onnx__MatMulInteger.html */
export const matMulInteger = defineOp<'MatMulInteger', ZeroPoints>({
  name: 'MatMulInteger',
  role: 'constant',
  since: 10,
  fate: 'becomes MatMul',
  tolerance: 0,
  parse(node, inputs) {
    const attributes = readZeroPoints(node, inputs, (weights) => weights.shape.at(-1));
    return { attributes, operands: matMul.parse(node, inputs.slice(0, 2), 0).operands };
  },
  infer(_, operands, node) {
    const [product] = matMul.infer({}, asFloats(operands), node);
    return [{ dtype: productType(operands[0]!), shape: product!.shape }];
  },
  evaluate: (attributes, operands) => [
    evaluateProduct(
      attributes,
      operands[1]!.shape.length - 1,
      operands,
      (a, b) => matMul.evaluate({}, [a, b])[0]!,
    ),
  ],
  encode: (attributes) => ({ attributes: {}, parameters: encodeZeroPoints(attributes) }),
});
