// Tiny graphs and networks for tests: written node by node, normalised as a file would be, run in plain TypeScript.
import { kappa } from '../../src/encoders/kappa.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { type CanonicalGraph, imageShape, opOf } from '../../src/graph/graph.ts';
import { importGraph } from '../../src/graph/import.ts';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import type { Unit } from '../../src/ops/unit.ts';
import { normalise } from '../../src/passes/normalise.ts';
import type { LayerOverrides } from '../../src/snn/conversion/check-conversion.ts';
import { convert } from '../../src/snn/conversion/convert.ts';
import { type Coding, codingOf } from '../../src/snn/network/coding.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { type PlanOptions, planSpiking } from '../../src/snn/plan/plan.ts';
import { observedValues, plannedInputs } from '../../src/snn/plan/planned.ts';
import { unpackImages } from '../../src/tensor/packed.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import type { AttributeRecord } from '../ops/single-node.ts';

/** Operator, inputs, output, attributes; nodes are named after their outputs. */
export type Line = readonly [
  op: string,
  inputs: readonly string[],
  output: string,
  attributes?: AttributeRecord,
];

export interface TinyModel {
  /** Shape of one image of the input "x", or of every input by name. */
  readonly input: Shape | Readonly<Record<string, Shape>>;
  readonly nodes: readonly Line[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** The last node's output unless given. */
  readonly outputs?: readonly string[];
}

/** The canonical graph of a model. */
export function graphOf({ input, nodes, constants = {}, outputs }: TinyModel): CanonicalGraph {
  const inputs = Array.isArray(input) ? { x: input as Shape } : (input as Readonly<Record<string, Shape>>);
  const { graph } = importGraph({
    irVersion: 8,
    opset: 13,
    opsets: new Map([['', 13]]),
    producer: '',
    graphName: 'tiny',
    inputs: Object.entries(inputs).map(([name, shape]) => ({
      name,
      dtype: 'float32',
      shape: ['N', ...shape],
    })),
    outputs: (outputs ?? [nodes.at(-1)![2]]).map((name) => ({ name, dtype: 'float32', shape: null })),
    nodes: nodes.map(([opType, from, output, attributes = {}]) => ({
      name: output,
      opType,
      domain: '',
      inputs: from,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    })),
    initializers: new Map(Object.entries(constants)),
  });
  return normalise(graph).graph;
}

/** Every value of the ANN for a batch of images. */
export function annValues(graph: CanonicalGraph, images: FloatTensor): ReadonlyMap<string, Tensor> {
  const inputs = unpackImages(
    graph.inputs.map((input) => imageShape(graph, input)),
    images,
  );
  const values = new Map<string, Tensor>([
    ...graph.constants,
    ...inputs.map((value, i) => [graph.inputs[i]!, value] as const),
  ]);
  for (const node of graph.nodes) {
    const operands = node.inputs.map((input) => values.get(input)!);
    opOf(node)
      .evaluate(node.attributes, operands)
      .forEach((value, i) => {
        values.set(node.outputs[i]!, value);
      });
  }
  return values;
}

export interface TinyOptions {
  readonly coding?: Partial<Omit<Coding, 'name'>>;
  /** Amplitudes by layer; 1 where none is given. */
  readonly theta?: ReadonlyMap<string, Unit>;
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
  readonly plan?: PlanOptions;
}

/** The spiking network of a graph. */
export function networkOf(
  graph: CanonicalGraph,
  { coding = {}, theta, layers, plan: options = {} }: TinyOptions = {},
): Network {
  const plan = planSpiking(graph, options);
  const names = [
    ...plannedInputs(plan).map(({ name }) => name),
    ...observedValues(plan).map(({ layer }) => layer),
  ];
  return convert(plan, {
    coding: codingOf('css', coding),
    amplitudes: new Map(names.map((name) => [name, theta?.get(name) ?? 1])),
    preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
    annOperations: annOperations(graph),
    provenance: {
      model: { file: 'tiny.onnx', sha256: '0' },
      calibration: { images: 0, sha256: null },
      amplitudes: 'given',
      tool: 'test',
    },
    ...(layers === undefined ? {} : { layers }),
  });
}

/** max|value| / K of each layer on these images: one for the layer, or one for each channel (not the input). */
export function measuredTheta(
  graph: CanonicalGraph,
  images: FloatTensor,
  coding: { readonly T: number; readonly beta: number },
  perChannel = false,
  options: PlanOptions = {},
): ReadonlyMap<string, Unit> {
  const plan = planSpiking(graph, options);
  const values = annValues(graph, images);
  const K = kappa(coding.T, coding.beta);
  const amplitude = (peak: number) => (peak > 0 ? peak : 1) / K;
  const layers = observedValues(plan).map(({ layer, value }): [string, Unit] => {
    const peaks = channelPeaks(values.get(value)!);
    return [layer, perChannel ? peaks.map(amplitude) : amplitude(Math.max(...peaks))];
  });
  const inputs = plannedInputs(plan).map(({ name }): [string, Unit] => [
    name,
    amplitude(Math.max(...channelPeaks(values.get(name)!))),
  ]);
  return new Map<string, Unit>([...inputs, ...layers]);
}

function channelPeaks({ data, shape }: Tensor): number[] {
  const [, channels = 1, ...rest] = shape;
  const area = sizeOf(rest);
  const peaks = new Array<number>(channels).fill(0);
  data.forEach((value, i) => {
    const channel = Math.floor(i / area) % channels;
    peaks[channel] = Math.max(peaks[channel]!, Math.abs(value));
  });
  return peaks;
}

/** Runs the reference engine; the decoded output is the accumulator after the last step. */
export async function runTiny(network: Network, images: FloatTensor) {
  const compiled = await reference.compile(network);
  const trace = await compiled.run(images, { spikes: true, states: true });
  await compiled.release();
  const decoded = new Map(
    [...trace.logits].map(([name, logits]) => [
      name,
      logits.slice((logits.length / network.coding.T) * (network.coding.T - 1)),
    ]),
  );
  return { trace, decoded };
}

/** Root of sum (a - b)^2 / sum b^2. */
export function relativeRms(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0;
  let power = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    power += expected[i]! ** 2;
  }
  return Math.sqrt(error / power);
}

/** Numbers in [0, 1), the same for the same seed (mulberry32's mixing is enough for tests). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed numbers (Box-Muller). */
export function normal(seed: number): () => number {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A float32 tensor filled from a generator. */
export function filled(shape: Shape, next: () => number): FloatTensor {
  return floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, next));
}
