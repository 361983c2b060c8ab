// DequantizeLinear: the integers of a quantized type to the numbers that they stand for.
import { floatTensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { channelAt, encodeQuantization, readQuantization } from './linear-quantization.ts';
import { defineOp, refuse } from './op.ts';
import { inputFact } from './operands.ts';
import { coveringGrid, isQuantizedType, type Quantization } from './quantization.ts';

/**
 * y = (x - zero point) * scale, in float32; constants keep the grid that they lie on.
 * https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
 */
export const dequantizeLinear = defineOp<'DequantizeLinear', Quantization>({
  name: 'DequantizeLinear',
  role: 'constant',
  since: 10,
  fate: 'dropped: spikes carry the numbers that integers stand for',
  tolerance: 0,
  parse(node, inputs) {
    const read = attributesOf(node, ['axis', 'block_size']);
    const { dtype } = inputFact(node, inputs, 0, 'the data');
    if (!isQuantizedType(dtype)) {
      refuse(node.name, `DequantizeLinear expects quantized integers, found ${dtype}`, 'unsupported-type');
    }
    const attributes = readQuantization(node, inputs, read, dtype);
    if (attributes.type !== dtype) {
      refuse(
        node.name,
        `DequantizeLinear expects a zero point of the type of x, ${dtype}, found ${attributes.type}`,
        'invalid-graph',
      );
    }
    return { attributes, operands: [0] };
  },
  infer: (_, [x]) => [{ dtype: 'float32', shape: x!.shape }],
  evaluate(quantization, [x]) {
    const { scale, zeroPoint } = quantization;
    const channel = channelAt(quantization, x!.shape);
    const out = floatTensor(x!.shape);
    for (let i = 0; i < out.data.length; i++) {
      const c = channel(i);
      out.data[i] = Math.fround(x!.data[i]! - zeroPoint[c]!) * scale[c]!;
    }
    return [{ ...out, grid: coveringGrid(quantization) }];
  },
  encode: encodeQuantization,
});
