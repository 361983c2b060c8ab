// Conv: cross-correlation over any number of spatial axes, in groups.
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf, intAttribute } from './attributes.ts';
import { defineOp, type Fact, refuse, type Synapses } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';
import { rescaledBias, rescaledWeights } from './rescale.ts';
import {
  encodeWindow,
  parseWindow,
  WINDOW_ATTRIBUTES,
  type WindowAttributes,
  windowOver,
  windowShape,
} from './window.ts';
import { tapFanOut, tapSizes, tapsOf } from './window-taps.ts';

export interface ConvAttributes extends Omit<WindowAttributes, 'ceilMode'> {
  readonly group: number;
}

/**
 * Y[n, m, p] = b[m] + sum over c, k of W[m, c, k] X[n, g C/group + c, p stride + k dilation - pad],
 * with X [N, C, ...], W [M, C/group, ...], b [M]. https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export const conv = defineOp<'Conv', ConvAttributes>({
  name: 'Conv',
  role: 'weighted',
  fate: 'becomes weights between spikes and neurons',
  tolerance: 1e-5,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 2, 3);
    const read = attributesOf(node, ['group', ...WINDOW_ATTRIBUTES]);
    const kernelShape = read.ints('kernel_shape') ?? inputs[1]!.shape.slice(2);
    const { ceilMode, ...window } = parseWindow(node, read, kernelShape, false);
    return { attributes: { ...window, group: read.int('group') ?? 1 }, operands };
  },
  infer(attributes, operands, node) {
    expectFloats(node, 'Conv', operands);
    const [x, w, b] = operands.map((fact) => fact.shape) as [Shape, Shape, Shape?];
    const { group, kernelShape } = attributes;
    const [outputs = 0, fan = 0] = w;
    const wanted = [outputs, fan, ...kernelShape];
    if (!(group > 0) || w.length !== wanted.length || wanted.some((dim, axis) => dim !== w[axis])) {
      refuse(
        node,
        `Conv expects weights [M, C/group, ${kernelShape.join(', ')}] and a group above 0, found ${showShape(w)} and group ${group}`,
      );
    }
    if (x[1] !== fan * group || outputs % group !== 0) {
      refuse(
        node,
        `Conv expects ${fan} x ${group} input channels for weights ${showShape(w)} in ${group} groups, found ${showShape(x)}`,
      );
    }
    if (b !== undefined && (b.length !== 1 || b[0] !== outputs)) {
      refuse(node, `Conv expects a bias [${outputs}], found ${showShape(b)}`);
    }
    const shape = windowShape(node, 'Conv', { ...attributes, ceilMode: false }, x, outputs);
    return [{ dtype: operands[0]!.dtype, shape }];
  },
  evaluate: (attributes, [x, w, b]) => [convolve(attributes, x!, w!, b)],
  encode: ({ group, ...window }) => ({
    attributes: {
      ...encodeWindow({ ...window, ceilMode: false }),
      ...(group === 1 ? {} : { group: intAttribute(group) }),
    },
  }),
  macs: (_, operands, output) => sizeOf(output) * sizeOf(operands[1]!.slice(1)),
  synapses(attributes, index, operands) {
    if (index !== 0) throw new RangeError('the synapses of Conv start at its operand 0');
    return convSynapses(attributes, operands[0]!.shape, operands[1]!);
  },
  absorbsUnits: 'per-channel',
  rescale: ({ group }, [weights, bias], units) => {
    const [outputs, fan] = weights!.shape as [number, number];
    const kernel = sizeOf(weights!.shape.slice(2));
    const scaled = rescaledWeights(weights!, units, (i) => {
      const output = Math.floor(i / (fan * kernel));
      const first = Math.floor(output / (outputs / group)) * fan;
      return { input: first + (Math.floor(i / kernel) % fan), output };
    });
    return bias === undefined ? [scaled] : [scaled, rescaledBias(bias, units)];
  },
  fanOut: (attributes, operands) => convFanOut(attributes, operands[0]!.shape, operands[1]!),
  reached: (attributes, operands) => convReached(attributes, operands[0]!.shape, operands[1]!),
});

/**
 * Input element by input element, each added to the outputs that it reaches, in float64: what is silent costs nothing,
 * and three of four inputs of a spiking layer are. The reference engine takes 0.5 s per image of ResNet-20 at T = 12
 * with it, and 1.5 s going weight by weight over all inputs.
 */
function convolve(attributes: ConvAttributes, x: Tensor, w: Tensor, b: Tensor | undefined): Tensor {
  const window = windowOver({ ...attributes, ceilMode: false }, x.shape.slice(2));
  const { starts, pairs, offsets, outputs: positions } = tapFanOut(window);
  const [batch, channels] = x.shape as [number, number];
  const [outputs, fan] = w.shape as [number, number];
  const outputsPerGroup = outputs / attributes.group;
  const [inputSize, outputSize, kernelSize] = [window.input, window.output, window.kernel].map(sizeOf) as [
    number,
    number,
    number,
  ];
  const columns = outputsLast(w, attributes.group);
  const out = tensor(x.dtype, [batch, outputs, ...window.output]);
  /** Sums of one image, the outputs of a position side by side: [position, output]. */
  const sums = new Float64Array(outputSize * outputs);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < sums.length; i++) sums[i] = b === undefined ? 0 : b.data[i % outputs]!;
    for (let channel = 0; channel < channels; channel++) {
      const group = Math.floor(channel / fan) * outputsPerGroup;
      for (let position = 0; position < inputSize; position++) {
        const value = x.data[(n * channels + channel) * inputSize + position]!;
        if (value === 0) continue;
        for (let p = starts[position]!; p < starts[position + 1]!; p++) {
          const pair = pairs[p]!;
          const column = (channel * kernelSize + offsets[pair]!) * outputsPerGroup;
          addScaled(sums, positions[pair]! * outputs + group, columns, column, outputsPerGroup, value);
        }
      }
    }
    const image = n * outputs * outputSize;
    for (let i = 0; i < sums.length; i++) {
      out.data[image + (i % outputs) * outputSize + Math.floor(i / outputs)] = sums[i]!;
    }
  }
  return out;
}

/** sums[to + m] += value * weights[from + m] */
function addScaled(
  sums: Float64Array,
  to: number,
  weights: Float64Array,
  from: number,
  count: number,
  value: number,
): void {
  for (let m = 0; m < count; m++) sums[to + m]! += value * weights[from + m]!;
}

/** W [M, C/group, kernel] as [C, kernel, M/group]: the weights that one input element meets side by side. */
function outputsLast(w: Tensor, groups: number): Float64Array {
  const [outputs, fan] = w.shape as [number, number];
  const outputsPerGroup = outputs / groups;
  const kernelSize = sizeOf(w.shape.slice(2));
  const columns = new Float64Array(w.data.length);
  for (let i = 0; i < columns.length; i++) {
    const output = Math.floor(i / (fan * kernelSize));
    const channel = Math.floor(output / outputsPerGroup) * fan + (Math.floor(i / kernelSize) % fan);
    columns[(channel * kernelSize + (i % kernelSize)) * outputsPerGroup + (output % outputsPerGroup)] =
      w.data[i]!;
  }
  return columns;
}

function convSynapses(attributes: ConvAttributes, input: Shape, weights: Fact): Synapses {
  if (weights.value === undefined) throw new RangeError('Conv with computed weights has no fixed synapses');
  const { data } = weights.value;
  const [outputs, fan] = weights.shape as [number, number];
  const outputsPerGroup = outputs / attributes.group;
  const window = windowOver({ ...attributes, ceilMode: false }, input.slice(2));
  const { starts, pairs, offsets, outputs: positions } = tapFanOut(window);
  const [inputSize, outputSize] = [sizeOf(window.input), sizeOf(window.output)];
  const kernelSize = sizeOf(window.kernel);
  return (source, visit) => {
    const channel = Math.floor(source / inputSize);
    const position = source % inputSize;
    const firstOutput = Math.floor(channel / fan) * outputsPerGroup;
    for (let m = firstOutput; m < firstOutput + outputsPerGroup; m++) {
      const base = (m * fan + (channel % fan)) * kernelSize;
      for (let p = starts[position]!; p < starts[position + 1]!; p++) {
        const pair = pairs[p]!;
        const weight = data[base + offsets[pair]!]!;
        if (weight !== 0) visit(m * outputSize + positions[pair]!, weight);
      }
    }
  };
}

/** Every weight that is not zero at all positions that its kernel offset meets. */
function convReached(attributes: ConvAttributes, input: Shape, weights: Fact): number {
  const sizes = tapSizes(windowOver({ ...attributes, ceilMode: false }, input.slice(2)));
  let reached = 0;
  weights.value!.data.forEach((weight, i) => {
    if (weight !== 0) reached += sizes[i % sizes.length]!;
  });
  return reached;
}

/** For each kernel offset the non-zero weights of an input channel, wherever that offset meets the output. */
function convFanOut(attributes: ConvAttributes, input: Shape, weights: Fact): Float64Array {
  if (weights.value === undefined) throw new RangeError('Conv with computed weights has no fixed synapses');
  const { data } = weights.value;
  const [outputs, fan] = weights.shape as [number, number];
  const outputsPerGroup = outputs / attributes.group;
  const taps = tapsOf(windowOver({ ...attributes, ceilMode: false }, input.slice(2)));
  const channels = fan * attributes.group;
  const size = sizeOf(input.slice(2));
  const reached = new Float64Array(channels * size);
  for (let channel = 0; channel < channels; channel++) {
    const firstOutput = Math.floor(channel / fan) * outputsPerGroup;
    for (const tap of taps) {
      let weighted = 0;
      for (let m = firstOutput; m < firstOutput + outputsPerGroup; m++) {
        if (data[(m * fan + (channel % fan)) * taps.length + tap.offset] !== 0) weighted++;
      }
      for (const position of tap.inputs) reached[channel * size + position]! += weighted;
    }
  }
  return reached;
}
