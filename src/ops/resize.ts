// Resize: nearest and linear interpolation of the spatial axes, by constant scales or to constant sizes.
import type { OnnxNode } from '../onnx/model.ts';
import { floatTensor, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts';
import { attributesOf } from './attributes.ts';
import { fanOut } from './fan-out.ts';
import {
  COORDINATES,
  type Interpolation,
  interpolated,
  lineTaps,
  NEAREST,
  resizedLength,
  scaleToLength,
} from './interpolation.ts';
import { defineOp, type Fact, refuse, type Synapses } from './op.ts';
import { axesOf, constantInput, expectFloats, inputFact } from './operands.ts';

export interface ResizeAttributes extends Interpolation {
  /** Of the spatial axes, as float32. */
  readonly scales: readonly number[];
}

/** https://onnx.ai/onnx/operators/onnx__Resize.html */
export const resize = defineOp<'Resize', ResizeAttributes>({
  name: 'Resize',
  role: 'linear',
  since: 10,
  fate: 'repeats or mixes neighbouring currents',
  tolerance: 1e-6,
  parse: (node, inputs, opset) => ({
    attributes: opset < 11 ? parseOpset10(node, inputs) : parseSince11(node, inputs),
    operands: [0],
  }),
  infer({ scales }, operands, node) {
    const { dtype, shape } = operands[0]!;
    expectFloats(node, 'Resize', operands);
    const spatial = shape.slice(2).map((length, i) => resizedLength(length, scales[i]!));
    if (spatial.some((length) => length < 1)) {
      refuse(node, `Resize expects scales that leave something, found ${scales.join(', ')}`);
    }
    return [{ dtype, shape: [...shape.slice(0, 2), ...spatial] }];
  },
  evaluate: (attributes, [x]) => [resized(attributes, x!)],
  encode: ({ mode, coordinates, nearest, scales }) => ({
    attributes: {
      mode: { type: 'string', value: mode },
      coordinate_transformation_mode: { type: 'string', value: coordinates },
      ...(mode === 'nearest' ? { nearest_mode: { type: 'string', value: nearest } } : {}),
    },
    parameters: [floatTensor([0]), floatTensor([scales.length + 2], [1, 1, ...scales])],
  }),
  synapses: (attributes, index, operands) => resizeSynapses(attributes, operands[index]!.shape),
  keepsChannels: () => true,
});

/** Opset 10 has scales only; ONNX Runtime takes the next element where it shrinks. */
function parseOpset10(node: OnnxNode, inputs: readonly (Fact | undefined)[]): ResizeAttributes {
  const mode = modeOf(node, attributesOf(node, ['mode']).string('mode'));
  const { shape } = inputFact(node, inputs, 0, 'the data');
  const scales = spatialOf(node, shape, constantInput(node, inputs, 1, 'scales') ?? []);
  const shrinks = scales.some((scale) => scale < 1);
  if (mode === 'nearest' && shrinks && scales.some((scale) => scale > 1)) {
    refuse(
      node.name,
      `Resize of opset 10 expects to shrink or to grow, found scales ${scales.join(', ')}`,
      'unsupported-attribute',
    );
  }
  return { mode, coordinates: 'asymmetric', nearest: shrinks ? 'ceil' : 'floor', scales };
}

function parseSince11(node: OnnxNode, inputs: readonly (Fact | undefined)[]): ResizeAttributes {
  const { shape } = inputFact(node, inputs, 0, 'the data');
  const read = attributesOf(node, [
    'antialias',
    'axes',
    'coordinate_transformation_mode',
    'cubic_coeff_a',
    'exclude_outside',
    'extrapolation_value',
    'keep_aspect_ratio_policy',
    'mode',
    'nearest_mode',
  ]);
  const mode = modeOf(node, read.string('mode'));
  if (read.flag('antialias', false) || read.flag('exclude_outside', false)) {
    refuse(
      node.name,
      'Resize expects antialias and exclude_outside to be 0, found one that is not',
      'unsupported-attribute',
    );
  }
  if ((read.string('keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch') {
    refuse(
      node.name,
      `Resize expects keep_aspect_ratio_policy "stretch", found "${read.string('keep_aspect_ratio_policy')}"`,
      'unsupported-attribute',
    );
  }
  const coordinates = oneOf(
    node,
    'coordinate_transformation_mode',
    COORDINATES,
    read.string('coordinate_transformation_mode') ?? 'half_pixel',
  );
  if (mode === 'nearest' && coordinates === 'half_pixel_symmetric') {
    refuse(
      node.name,
      'Resize expects other coordinates than half_pixel_symmetric in mode nearest: their rounding decides the neighbour',
      'unsupported-attribute',
    );
  }
  const nearest = oneOf(node, 'nearest_mode', NEAREST, read.string('nearest_mode') ?? 'round_prefer_floor');
  const axes = axesOf(node, read.ints('axes') ?? shape.map((_, axis) => axis), shape.length);
  const onAxes = (values: readonly number[], neutral: readonly number[], what: string) => {
    if (values.length !== axes.length) {
      refuse(node.name, `Resize expects ${axes.length} ${what}, found ${values.length}`, 'invalid-graph');
    }
    return neutral.map((value, axis) => values[axes.indexOf(axis)] ?? value);
  };
  const scales = constantInput(node, inputs, 2, 'scales') ?? [];
  if (scales.length > 0) {
    const given = onAxes(
      scales,
      shape.map(() => 1),
      'scales',
    );
    return { mode, coordinates, nearest, scales: spatialOf(node, shape, given) };
  }
  const sizes = onAxes(constantInput(node, inputs, 3, 'sizes') ?? [], shape, 'scales or sizes');
  spatialOf(
    node,
    shape,
    sizes.map((size, axis) => size / shape[axis]!),
  );
  return {
    mode,
    coordinates,
    nearest,
    scales: sizes.slice(2).map((size, i) => scaleToLength(shape[i + 2]!, size)),
  };
}

function modeOf(node: OnnxNode, given = 'nearest'): 'nearest' | 'linear' {
  if (given === 'nearest' || given === 'linear') return given;
  refuse(
    node.name,
    `${node.opType} expects mode "nearest" or "linear", found "${given}"`,
    'unsupported-attribute',
  );
}

function oneOf<const T extends string>(node: OnnxNode, what: string, known: readonly T[], given: string): T {
  const found = known.find((value) => value === given);
  if (found === undefined) {
    refuse(
      node.name,
      `Resize expects ${what} to be one of ${known.join(', ')}, found "${given}"`,
      'unsupported-attribute',
    );
  }
  return found;
}

/** The scales of the spatial axes, of scales of all axes; batch and channels keep their size. */
export function spatialOf(
  node: OnnxNode,
  shape: readonly number[],
  scales: readonly number[],
): readonly number[] {
  const fits = scales.length === shape.length && shape.length > 2 && scales.every((scale) => scale > 0);
  if (!fits || scales[0] !== 1 || scales[1] !== 1) {
    refuse(
      node.name,
      `${node.opType} expects ${shape.length} scales above 0 for [N, C, ...], 1 for N and C, found ${scales.join(', ')}`,
      'unsupported-attribute',
    );
  }
  return scales.slice(2);
}

function resized(attributes: ResizeAttributes, x: Tensor): Tensor {
  let data: ArrayLike<number> = x.data;
  let shape = x.shape;
  attributes.scales.forEach((scale, i) => {
    const taps = lineTaps(attributes, shape[i + 2]!, scale);
    data = interpolated(data, shape, i + 2, taps);
    shape = shape.with(i + 2, taps.length);
  });
  const out = tensor(x.dtype, shape);
  out.data.set(data);
  return out;
}

/** Products of the weights along each axis; an element and its weight for every output element of a channel. */
function resizeSynapses(attributes: ResizeAttributes, input: readonly number[]): Synapses {
  let pairs = [{ source: 0, target: 0, weight: 1 }];
  attributes.scales.forEach((scale, i) => {
    const length = input[i + 2]!;
    const taps = lineTaps(attributes, length, scale);
    pairs = pairs.flatMap(({ source, target, weight }) =>
      taps.flatMap((line, position) =>
        line.map((tap) => ({
          source: source * length + tap.from,
          target: target * taps.length + position,
          weight: weight * tap.weight,
        })),
      ),
    );
  });
  const inputSize = sizeOf(input.slice(2));
  const outputSize = sizeOf(input.slice(2).map((length, i) => resizedLength(length, attributes.scales[i]!)));
  const { starts, pairs: order } = fanOut(
    Int32Array.from(pairs, ({ source }) => source),
    inputSize,
  );
  return (source, visit) => {
    const channel = Math.floor(source / inputSize);
    const position = source % inputSize;
    for (let p = starts[position]!; p < starts[position + 1]!; p++) {
      const { target, weight } = pairs[order[p]!]!;
      visit(channel * outputSize + target, weight);
    }
  };
}
