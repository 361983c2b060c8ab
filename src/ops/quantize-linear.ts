// QuantizeLinear: floating point numbers to the integers of a quantized type.
import { elementType, unsupportedElement } from '../onnx/element-types.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { roundHalfEven } from '../tensor/grid.ts';
import { type DType, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { channelAt, encodeQuantization, readQuantization } from './linear-quantization.ts';
import { defineOp, refuse } from './op.ts';
import { expectFloats } from './operands.ts';
import { isQuantizedType, type Quantization, type QuantizedType, rangeOf } from './quantization.ts';

/**
 * y = saturate(round(x / scale) + zero point), the quotient in float32, ties to even.
 * https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html; `saturate` is about float8 only.
 */
export const quantizeLinear = defineOp<'QuantizeLinear', Quantization>({
  name: 'QuantizeLinear',
  role: 'constant',
  since: 10,
  fate: 'becomes the amplitude of a layer of neurons, or is dropped',
  tolerance: 0,
  parse(node, inputs) {
    const read = attributesOf(node, ['axis', 'block_size', 'output_dtype', 'saturate']);
    const wanted = outputType(node, read.int('output_dtype') ?? 0);
    const attributes = readQuantization(node, inputs, read, wanted ?? 'uint8');
    if (wanted !== undefined && wanted !== attributes.type) {
      refuse(
        node.name,
        `QuantizeLinear expects a zero point of its output_dtype, ${wanted}, found ${attributes.type}`,
        'invalid-graph',
      );
    }
    return { attributes, operands: [0] };
  },
  infer({ type }, operands, node) {
    expectFloats(node, 'QuantizeLinear', operands);
    return [{ dtype: type, shape: operands[0]!.shape }];
  },
  evaluate(quantization, [x]) {
    const { type, scale, zeroPoint } = quantization;
    const [low, high] = rangeOf(type);
    const channel = channelAt(quantization, x!.shape);
    const out = tensor(type, x!.shape);
    for (let i = 0; i < out.data.length; i++) {
      const c = channel(i);
      const q = roundHalfEven(Math.fround(x!.data[i]! / scale[c]!)) + zeroPoint[c]!;
      out.data[i] = Math.min(Math.max(q, low), high);
    }
    return [out];
  },
  encode: encodeQuantization,
});

/** The type that `output_dtype` names; 0 leaves it to the zero point. */
function outputType(node: OnnxNode, code: number): QuantizedType | undefined {
  if (code === 0) return undefined;
  const dtype: DType | undefined = elementType(code)?.dtype;
  if (dtype === undefined || !isQuantizedType(dtype)) {
    const found = dtype === undefined ? unsupportedElement(code) : `found ${dtype}`;
    refuse(node.name, `QuantizeLinear expects an output_dtype of integers: ${found}`, 'unsupported-type');
  }
  return dtype;
}
