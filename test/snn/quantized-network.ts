// From a quantized graph to its network, as the pipeline goes, and what the network should compute: the planned graph,
// node by node in float64, in code that shares nothing with the conversion.
import { kappa } from '../../src/encoders/kappa.ts';
import type { LayerTrace } from '../../src/engines/engine.ts';
import { type CanonicalGraph, opOf } from '../../src/graph/graph.ts';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import type { Unit } from '../../src/ops/unit.ts';
import { convert } from '../../src/snn/conversion/convert.ts';
import { bitsOf, bitsOfGrid, quantizedAmplitudes } from '../../src/snn/conversion/quantized-amplitudes.ts';
import type { CodingOverrides } from '../../src/snn/network/coding.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { type PlannedNeuron, plannedInputs, type SpikingPlan } from '../../src/snn/plan/planned.ts';
import { keepSpikingQuantizers } from '../../src/snn/plan/spiking-quantizers.ts';
import { sizeOf, type Tensor, tensor } from '../../src/tensor/tensor.ts';

export interface Quantized {
  readonly plan: SpikingPlan;
  /** By layer; those without a quantizer have `unquantized`. */
  readonly amplitudes: ReadonlyMap<string, Unit>;
  /** The network with that silent period and threshold, and neurons that look ahead or not. */
  network(coding?: CodingOverrides & { readonly lookAhead?: boolean }): Network;
}

/**
 * Plans a graph and converts it; T is the bits of its widest grid, beta is 2 and the silent period is the longest unless given.
 * @param unquantized amplitude of layers without a grid
 */
export function quantizedNetwork(graph: CanonicalGraph, steps?: number, unquantized = 1 / 64): Quantized {
  const plan = planSpiking(keepSpikingQuantizers(graph).graph);
  const grid = plannedInputs(plan)[0]!.quantizer;
  const image = grid === undefined ? 0 : bitsOfGrid(grid);
  const T = steps ?? (Math.max(bitsOf(plan) ?? 0, image) || 8);
  const layers = [plannedInputs(plan)[0]!.name, ...neuronsOf(plan).map(({ output }) => output)];
  const given = quantizedAmplitudes(plan, { T, beta: 2 });
  const amplitudes = new Map(layers.map((layer) => [layer, given.get(layer) ?? unquantized]));
  return {
    plan,
    amplitudes,
    network: ({ lookAhead = false, ...coding } = {}) =>
      convert(plan, {
        lookAhead,
        coding: codingOf('canonical', { T, beta: 2, Ts: T - 1, ...coding }),
        amplitudes,
        preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
        annOperations: annOperations(graph),
        provenance: {
          model: { file: 'random.onnx', sha256: '0' },
          calibration: { images: 0, sha256: null },
          amplitudes: 'given',
          tool: 'test',
        },
      }),
  };
}

export function neuronsOf(plan: SpikingPlan): PlannedNeuron[] {
  return plan.nodes.filter((node) => node.kind === 'neuron');
}

/** The code of each neuron for each image, sum over t of s_t 2^(T-t): [images, ...shape]. */
export function decodedIntegers({ spikes }: LayerTrace, T: number): number[] {
  const train = spikes!;
  const size = train.length / T;
  return Array.from({ length: size }, (_, i) => {
    let code = 0;
    for (let t = 0; t < T; t++) code = 2 * code + train[t * size + i]!;
    return code;
  });
}

/**
 * The planned graph in float64: integers of every spiking layer, and the readouts' values.
 * @param images [N, ...]
 */
export function planInFloat64({ plan, amplitudes }: Quantized, images: Tensor, T: number) {
  const { graph } = plan;
  const K = kappa(T, 2);
  const neurons = new Map(neuronsOf(plan).map((neuron) => [neuron.output as string, neuron]));
  const values = new Map<string, Tensor>(graph.constants);
  const integers = new Map<string, Float64Array>();
  /** The value on the grid of the layer of that name, recorded. */
  const onGrid = (layer: string, value: Tensor, low: number, high: number): Tensor => {
    const codes = tensor('float64', value.shape);
    const carried = tensor('float64', value.shape);
    const area = sizeOf(value.shape.slice(2));
    value.data.forEach((x, i) => {
      const theta = amplitudes.get(layer)!;
      const step = typeof theta === 'number' ? theta : theta[Math.floor(i / area) % theta.length]!;
      codes.data[i] = Math.min(Math.max(halfToEven(x / step), low), high);
      carried.data[i] = codes.data[i]! * step;
    });
    integers.set(layer, codes.data as Float64Array);
    return carried;
  };
  const input = tensor('float64', images.shape, Float64Array.from(images.data));
  const grid = plannedInputs(plan)[0]!.quantizer;
  values.set(
    plannedInputs(plan)[0]!.name,
    grid === undefined ? onGrid(plannedInputs(plan)[0]!.name, input, -K, K) : input,
  );
  for (const node of graph.nodes) {
    const weighted = opOf(node).role === 'weighted';
    const operands = node.inputs.map(
      (id) => (weighted ? values.get(`${id}#spikes`) : undefined) ?? values.get(id)!,
    );
    const output = node.outputs[0]!;
    let value: Tensor;
    if (node.op === 'FakeQuantize') {
      const { scale, low, high } = node.attributes;
      const area = sizeOf(operands[0]!.shape.slice(2));
      const stepAt = (i: number) => scale[Math.floor(i / area) % scale.length]!;
      const codes = operands[0]!.data.map((x, i) => Math.min(Math.max(halfToEven(x / stepAt(i)), low), high));
      value = tensor(
        'float64',
        operands[0]!.shape,
        (codes as Float64Array).map((q, i) => q * stepAt(i)),
      );
    } else {
      value = opOf(node).evaluate(node.attributes, operands)[0]!;
    }
    const layer =
      output === plannedInputs(plan)[0]!.output
        ? plannedInputs(plan)[0]!.name
        : neurons.has(output)
          ? output
          : undefined;
    if (layer !== undefined) value = onGrid(layer, value, -K, K);
    values.set(output, value);
    if (neurons.has(`${output}#spikes`))
      values.set(`${output}#spikes`, onGrid(`${output}#spikes`, value, -K, K));
  }
  const readouts = plan.nodes.flatMap((node) =>
    node.kind === 'readout' ? [[node.name, values.get(node.input)!.data] as const] : [],
  );
  return { integers, logits: new Map(readouts) };
}

/** The nearest whole number, the even one of two. */
function halfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}
