// ConvTranspose: the transposed convolution over any number of spatial axes, in groups.
import type { OnnxNode } from '../onnx/model.ts';
import { type Shape, showShape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { type AttributeReader, attributesOf, intAttribute, intsAttribute } from './attributes.ts';
import { fanOut } from './fan-out.ts';
import { defineOp, type Fact, refuse, type Synapses } from './op.ts';
import { expectFloats, operandsOf } from './operands.ts';
import { rescaledBias, rescaledWeights } from './rescale.ts';
import {
  encodeWindow,
  parseWindow,
  WINDOW_ATTRIBUTES,
  type Window,
  type WindowAttributes,
} from './window.ts';
import { type Tap, tapsOf } from './window-taps.ts';

export interface ConvTransposeAttributes
  extends Pick<WindowAttributes, 'kernelShape' | 'strides' | 'dilations' | 'pads'> {
  readonly group: number;
  /** What the output is longer behind, by spatial axis. */
  readonly outputPadding: readonly number[];
}

/**
 * Y[n, m, i stride + k dilation - pad] sums b[m] and W[c, m, k] X[n, c, i] over c of the group, k and i, with
 * X [N, C, ...], W [C, M/group, ...], b [M]. https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export const convTranspose = defineOp<'ConvTranspose', ConvTransposeAttributes>({
  name: 'ConvTranspose',
  role: 'weighted',
  fate: 'becomes weights between spikes and neurons',
  tolerance: 1e-5,
  parse(node, inputs) {
    const operands = operandsOf(node, inputs, 2, 3);
    const read = attributesOf(node, ['group', 'output_padding', 'output_shape', ...WINDOW_ATTRIBUTES]);
    const kernelShape = read.ints('kernel_shape') ?? inputs[1]!.shape.slice(2);
    const window = parseWindow(node, read, kernelShape, false);
    const group = read.int('group') ?? 1;
    return {
      attributes: { ...resolved(node, read, window, inputs[0]!.shape.slice(2)), group },
      operands,
    };
  },
  infer(attributes, operands, node) {
    expectFloats(node, 'ConvTranspose', operands);
    const [x, w, b] = operands.map((fact) => fact.shape) as [Shape, Shape, Shape?];
    const { group, kernelShape } = attributes;
    const wanted = [x[1], w[1], ...kernelShape];
    const matching = w.length === wanted.length && wanted.every((dim, axis) => dim === w[axis]);
    if (!(group > 0) || !matching || x[1]! % group !== 0) {
      refuse(
        node,
        `ConvTranspose expects weights [C, M/group, ${kernelShape.join(', ')}] and a group that divides C, found ${showShape(w)} and group ${group} for ${showShape(x)}`,
      );
    }
    const outputs = w[1]! * group;
    if (b !== undefined && (b.length !== 1 || b[0] !== outputs)) {
      refuse(node, `ConvTranspose expects a bias [${outputs}], found ${showShape(b)}`);
    }
    if (x.length !== kernelShape.length + 2) {
      refuse(
        node,
        `ConvTranspose expects [N, C] and ${kernelShape.length} spatial axes, found ${showShape(x)}`,
      );
    }
    const spatial = transposedWindow(attributes, x.slice(2)).input;
    if (spatial.some((size) => size < 1)) {
      refuse(
        node,
        `ConvTranspose expects pads that leave something, found ${showShape(attributes.pads)} for ${showShape(x)}`,
      );
    }
    return [{ dtype: operands[0]!.dtype, shape: [x[0]!, outputs, ...spatial] }];
  },
  evaluate: (attributes, [x, w, b]) => [spread(attributes, x!, w!, b)],
  encode: ({ group, outputPadding, ...window }) => ({
    attributes: {
      ...encodeWindow({ ...window, autoPad: 'NOTSET', ceilMode: false }),
      ...(outputPadding.every((size) => size === 0) ? {} : { output_padding: intsAttribute(outputPadding) }),
      ...(group === 1 ? {} : { group: intAttribute(group) }),
    },
  }),
  macs: (_, operands) => sizeOf(operands[0]!) * sizeOf(operands[1]!.slice(1)),
  synapses(attributes, index, operands) {
    if (index !== 0) throw new RangeError('the synapses of ConvTranspose start at its operand 0');
    return spreadSynapses(attributes, operands[0]!.shape, operands[1]!);
  },
  absorbsUnits: 'per-channel',
  rescale: ({ group }, [weights, bias], units) => {
    const [inputs, outputs] = weights!.shape as [number, number];
    const kernel = sizeOf(weights!.shape.slice(2));
    const scaled = rescaledWeights(weights!, units, (i) => {
      const input = Math.floor(i / (outputs * kernel));
      const first = Math.floor(input / (inputs / group)) * outputs;
      return { input, output: first + (Math.floor(i / kernel) % outputs) };
    });
    return bias === undefined ? [scaled] : [scaled, rescaledBias(bias, units)];
  },
  fanOut: (attributes, operands) => spreadFanOut(attributes, operands[0]!.shape, operands[1]!),
});

/** Pads and output padding spelt out: the shape of the output, or what auto_pad says, decides where it is given. */
function resolved(
  node: OnnxNode,
  read: AttributeReader<'output_padding' | 'output_shape'>,
  window: WindowAttributes,
  input: Shape,
): Omit<ConvTransposeAttributes, 'group'> {
  const { kernelShape, strides, dilations, autoPad } = window;
  const rank = kernelShape.length;
  const list = (name: 'output_padding' | 'output_shape') => {
    const values = read.ints(name);
    if (values !== undefined && (values.length !== rank || values.some((value) => value < 0))) {
      refuse(
        node.name,
        `ConvTranspose expects ${rank} numbers from 0 as ${name}, found ${showShape(values)}`,
        'unsupported-attribute',
      );
    }
    return values;
  };
  const outputPadding = list('output_padding') ?? kernelShape.map(() => 0);
  const given = list('output_shape');
  const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  const wanted = given ?? (same ? input.map((size, i) => size * strides[i]!) : undefined);
  if (wanted === undefined) return { kernelShape, strides, dilations, pads: window.pads, outputPadding };
  const surplus = kernelShape.map(
    (size, i) =>
      strides[i]! * (input[i]! - 1) + outputPadding[i]! + (size - 1) * dilations[i]! + 1 - wanted[i]!,
  );
  const total = surplus.map((size) => Math.max(0, size));
  const smaller = total.map((size) => Math.floor(size / 2));
  const larger = total.map((size, i) => size - smaller[i]!);
  return {
    kernelShape,
    strides,
    dilations,
    pads: autoPad === 'SAME_UPPER' ? [...smaller, ...larger] : [...larger, ...smaller],
    // ONNX Runtime fills up to the shape that is asked for, and not to the one that auto_pad aims at.
    outputPadding:
      given === undefined ? outputPadding : outputPadding.map((size, i) => size + Math.max(0, -surplus[i]!)),
  };
}

/** The convolution that this one transposes: its input is the output here, its output the input here. */
function transposedWindow(
  { kernelShape, strides, dilations, pads, outputPadding }: ConvTransposeAttributes,
  input: Shape,
): Window {
  const rank = kernelShape.length;
  return {
    input: kernelShape.map(
      (size, i) =>
        strides[i]! * (input[i]! - 1) +
        outputPadding[i]! +
        (size - 1) * dilations[i]! +
        1 -
        pads[i]! -
        pads[rank + i]!,
    ),
    output: input,
    kernel: kernelShape,
    strides,
    dilations,
    padsBegin: pads.slice(0, rank),
    padsEnd: pads.slice(rank),
  };
}

/** Which output elements of a channel each input element reaches, and at which kernel offset. */
function reached(taps: readonly Tap[], size: number) {
  const flat = (list: (tap: Tap) => Int32Array) => Int32Array.from(taps.flatMap((tap) => [...list(tap)]));
  const targets = flat((tap) => tap.inputs);
  const offsets = flat((tap) => new Int32Array(tap.inputs.length).fill(tap.offset));
  return {
    ...fanOut(
      flat((tap) => tap.outputs),
      size,
    ),
    targets,
    offsets,
  };
}

/** Input element by input element, each added to the outputs that it reaches, in float64: what is silent costs nothing. */
function spread(attributes: ConvTransposeAttributes, x: Tensor, w: Tensor, b: Tensor | undefined): Tensor {
  const window = transposedWindow(attributes, x.shape.slice(2));
  const [inputSize, outputSize] = [sizeOf(window.output), sizeOf(window.input)];
  const { starts, pairs, targets, offsets } = reached(tapsOf(window), inputSize);
  const [batch, channels] = x.shape as [number, number];
  const perGroup = w.shape[1]!;
  const outputs = perGroup * attributes.group;
  const kernelSize = sizeOf(window.kernel);
  const out = tensor(x.dtype, [batch, outputs, ...window.input]);
  const sums = new Float64Array(outputs * outputSize);
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < sums.length; i++) sums[i] = b === undefined ? 0 : b.data[Math.floor(i / outputSize)]!;
    for (let i = 0; i < channels * inputSize; i++) {
      const value = x.data[n * channels * inputSize + i]!;
      if (value === 0) continue;
      const channel = Math.floor(i / inputSize);
      const position = i % inputSize;
      const first = firstOutput(attributes, channel, channels, perGroup);
      for (let m = 0; m < perGroup; m++) {
        const row = (channel * perGroup + m) * kernelSize;
        const to = (first + m) * outputSize;
        for (let p = starts[position]!; p < starts[position + 1]!; p++) {
          const pair = pairs[p]!;
          sums[to + targets[pair]!]! += value * w.data[row + offsets[pair]!]!;
        }
      }
    }
    out.data.set(sums, n * sums.length);
  }
  return out;
}

/** The first output channel of the group of an input channel. */
function firstOutput(
  { group }: ConvTransposeAttributes,
  channel: number,
  channels: number,
  perGroup: number,
): number {
  return Math.floor(channel / (channels / group)) * perGroup;
}

function constantWeights(weights: Fact): Tensor {
  if (weights.value === undefined) {
    throw new RangeError('ConvTranspose with computed weights has no fixed synapses');
  }
  return weights.value;
}

function spreadSynapses(attributes: ConvTransposeAttributes, input: Shape, weights: Fact): Synapses {
  const { data } = constantWeights(weights);
  const [channels, perGroup] = weights.shape as [number, number];
  const window = transposedWindow(attributes, input.slice(2));
  const [inputSize, outputSize] = [sizeOf(window.output), sizeOf(window.input)];
  const { starts, pairs, targets, offsets } = reached(tapsOf(window), inputSize);
  const kernelSize = sizeOf(window.kernel);
  return (source, visit) => {
    const channel = Math.floor(source / inputSize);
    const position = source % inputSize;
    const first = firstOutput(attributes, channel, channels, perGroup);
    for (let m = 0; m < perGroup; m++) {
      const row = (channel * perGroup + m) * kernelSize;
      for (let p = starts[position]!; p < starts[position + 1]!; p++) {
        const weight = data[row + offsets[pairs[p]!]!]!;
        if (weight !== 0) visit((first + m) * outputSize + targets[pairs[p]!]!, weight);
      }
    }
  };
}

/** For each kernel offset the non-zero weights of an input channel, wherever that offset meets the output. */
function spreadFanOut(attributes: ConvTransposeAttributes, input: Shape, weights: Fact): Float64Array {
  const { data } = constantWeights(weights);
  const [channels, perGroup] = weights.shape as [number, number];
  const taps = tapsOf(transposedWindow(attributes, input.slice(2)));
  const size = sizeOf(input.slice(2));
  const counts = new Float64Array(channels * size);
  for (let channel = 0; channel < channels; channel++) {
    for (const tap of taps) {
      let weighted = 0;
      for (let m = 0; m < perGroup; m++) {
        if (data[(channel * perGroup + m) * taps.length + tap.offset] !== 0) weighted++;
      }
      for (const position of tap.outputs) counts[channel * size + position]! += weighted;
    }
  }
  return counts;
}
