// AveragePool: the mean of each window; padding counts only where the node says so.
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, refuse, type Synapses } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';
import {
  encodeWindow,
  parseWindow,
  WINDOW_ATTRIBUTES,
  type WindowAttributes,
  windowOver,
  windowShape,
} from './window.ts';
import { coverage, expectCovered, tapFanOut, tapsOf } from './window-taps.ts';

export interface AveragePoolAttributes extends WindowAttributes {
  /** Whether the padding counts as zeros; what a last window reads beyond the padding never counts. */
  readonly countIncludePad: boolean;
}

/** https://onnx.ai/onnx/operators/onnx__AveragePool.html; dilations (opset 19) cannot be written at opset 17. */
export const averagePool = defineOp<'AveragePool', AveragePoolAttributes>({
  name: 'AveragePool',
  role: 'linear',
  fate: 'averages currents',
  tolerance: 1e-6,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 1);
    const read = attributesOf(node, ['ceil_mode', 'count_include_pad', ...WINDOW_ATTRIBUTES]);
    const kernelShape = read.ints('kernel_shape');
    if (kernelShape === undefined) {
      refuse(node.name, 'AveragePool expects a kernel_shape, found none', 'invalid-graph');
    }
    const window = parseWindow(node, read, kernelShape, read.flag('ceil_mode', false));
    if (window.dilations.some((dilation) => dilation !== 1)) {
      refuse(
        node.name,
        `AveragePool expects dilations of 1, found ${window.dilations.join(', ')}`,
        'unsupported-attribute',
      );
    }
    return { attributes: { ...window, countIncludePad: read.flag('count_include_pad', false) }, operands };
  },
  infer(attributes, operands, node) {
    expectFloats(node, 'AveragePool', operands);
    const { dtype, shape: input } = operands[0]!;
    const shape = windowShape(node, 'AveragePool', attributes, input);
    expectCovered(node, 'AveragePool', windowOver(attributes, input.slice(2)));
    return [{ dtype, shape }];
  },
  evaluate: (attributes, [x]) => [average(attributes, x!)],
  encode: (attributes) => ({
    attributes: {
      ...encodeWindow(attributes),
      ...(attributes.countIncludePad ? { count_include_pad: intAttribute(1) } : {}),
    },
  }),
  synapses(attributes, index, operands) {
    if (index !== 0) throw new RangeError('AveragePool has one operand');
    return averageSynapses(attributes, operands[0]!.shape);
  },
  keepsChannels: () => true,
});

function average(attributes: AveragePoolAttributes, x: Tensor): Tensor {
  const window = windowOver(attributes, x.shape.slice(2));
  const taps = tapsOf(window);
  const counts = coverage(window, attributes.countIncludePad);
  const inputSize = sizeOf(window.input);
  const out = tensor(x.dtype, [...x.shape.slice(0, 2), ...window.output]);
  const plane = new Float64Array(counts.length);
  const planes = x.shape[0]! * x.shape[1]!;
  for (let p = 0; p < planes; p++) {
    plane.fill(0);
    for (const { inputs, outputs } of taps) {
      for (let i = 0; i < inputs.length; i++) plane[outputs[i]!]! += x.data[p * inputSize + inputs[i]!]!;
    }
    for (let i = 0; i < plane.length; i++) out.data[p * plane.length + i] = plane[i]! / counts[i]!;
  }
  return out;
}

function averageSynapses(attributes: AveragePoolAttributes, input: Shape): Synapses {
  const window = windowOver(attributes, input.slice(2));
  const counts = coverage(window, attributes.countIncludePad);
  const { starts, pairs, outputs } = tapFanOut(window);
  const inputSize = sizeOf(window.input);
  return (source, visit) => {
    const channel = Math.floor(source / inputSize);
    const position = source % inputSize;
    for (let p = starts[position]!; p < starts[position + 1]!; p++) {
      const output = outputs[pairs[p]!]!;
      visit(channel * counts.length + output, 1 / counts[output]!);
    }
  };
}
