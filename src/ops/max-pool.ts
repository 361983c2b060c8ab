// MaxPool: the largest element of each window; padding never wins.
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { defineOp, refuse } from './op.ts';
import { onlyFirstOutput, operandsOf } from './operands.ts';
import {
  encodeWindow,
  parseWindow,
  WINDOW_ATTRIBUTES,
  type WindowAttributes,
  windowOver,
  windowShape,
} from './window.ts';
import { expectCovered, tapsOf } from './window-taps.ts';

/** https://onnx.ai/onnx/operators/onnx__MaxPool.html, without the output Indices (which storage_order is about). */
export const maxPool = defineOp<'MaxPool', WindowAttributes>({
  name: 'MaxPool',
  role: 'max-pool',
  fate: 'becomes the window of the neurons behind it',
  tolerance: 0,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    onlyFirstOutput(node, 'the indices of the maxima are not computed');
    const read = attributesOf(node, ['ceil_mode', 'storage_order', ...WINDOW_ATTRIBUTES]);
    const kernelShape = read.ints('kernel_shape');
    if (kernelShape === undefined) {
      refuse(node.name, 'MaxPool expects a kernel_shape, found none', 'invalid-graph');
    }
    return { attributes: parseWindow(node, read, kernelShape, read.flag('ceil_mode', false)), operands };
  },
  infer(attributes, [x], node) {
    const shape = windowShape(node, 'MaxPool', attributes, x!.shape);
    expectCovered(node, 'MaxPool', windowOver(attributes, x!.shape.slice(2)));
    return [{ dtype: x!.dtype, shape }];
  },
  evaluate: (attributes, [x]) => [largest(attributes, x!)],
  encode: (attributes) => ({ attributes: encodeWindow(attributes) }),
  keepsChannels: () => true,
});

function largest(attributes: WindowAttributes, x: Tensor): Tensor {
  const window = windowOver(attributes, x.shape.slice(2));
  const taps = tapsOf(window);
  const inputSize = sizeOf(window.input);
  const out = tensor(x.dtype, [...x.shape.slice(0, 2), ...window.output]);
  const plane = new Float64Array(sizeOf(window.output));
  const planes = x.shape[0]! * x.shape[1]!;
  for (let p = 0; p < planes; p++) {
    plane.fill(Number.NEGATIVE_INFINITY);
    for (const { inputs, outputs } of taps) {
      for (let i = 0; i < inputs.length; i++) {
        const value = x.data[p * inputSize + inputs[i]!]!;
        if (value > plane[outputs[i]!]!) plane[outputs[i]!] = value;
      }
    }
    out.data.set(plane, p * plane.length);
  }
  return out;
}
