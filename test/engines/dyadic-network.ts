// Random small networks in exact arithmetic: weights are multiples of 1/16, biases multiples of K/16, beta is 2,
// amplitudes are 1. Float32 sums are then exact in any order, so every engine must give the same spikes.
import { kappa } from '../../src/encoders/kappa.ts';
import { importGraph } from '../../src/graph/import.ts';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import type { AttributeValue, OnnxNode } from '../../src/onnx/model.ts';
import { normalise } from '../../src/passes/normalise.ts';
import { convert } from '../../src/snn/conversion/convert.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { plannedInputs } from '../../src/snn/plan/planned.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';

/** Deterministic numbers in [0, 1) (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ints = (...value: number[]): AttributeValue => ({ type: 'ints', value });
const int = (value: number): AttributeValue => ({ type: 'int', value });

/** One random network with images to run. */
export function dyadicNetwork(seed: number): { readonly network: Network; readonly images: FloatTensor } {
  const random = randomNumbers(seed);
  const below = (n: number) => Math.floor(random() * n);
  const T = 3 + below(5);
  const Ts = below(Math.min(3, T));
  const K = kappa(T, 2);
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, Tensor>();
  const add = (opType: string, inputs: string[], attributes: Record<string, AttributeValue> = {}) => {
    const output = `${opType.toLowerCase()}${nodes.length}`;
    nodes.push({
      name: `n${nodes.length}`,
      opType,
      domain: '',
      inputs,
      outputs: [output],
      attributes: new Map(Object.entries(attributes)),
    });
    return output;
  };
  const constant = (shape: Shape, value: () => number) => {
    const name = `c${initializers.size}`;
    initializers.set(name, floatTensor(shape, Float32Array.from({ length: sizeOf(shape) }, value)));
    return name;
  };
  const sixteenth = () => (below(17) - 8) / 16;
  const bias = () => (K * (below(9) - 4)) / 16;

  let channels = 1 + below(3);
  let size = 8;
  const conv = (from: string, to: number, group = 1) => {
    const weights = constant([to, channels / group, 3, 3], sixteenth);
    return add('Conv', [from, weights, constant([to], bias)], { pads: ints(1, 1, 1, 1), group: int(group) });
  };
  const pool = (type: string, from: string) => {
    const pads = type === 'MaxPool' && random() < 0.5 ? { pads: ints(1, 0, 0, 1) } : {};
    return add(type, [from], { kernel_shape: ints(2, 2), strides: ints(2, 2), ...pads });
  };
  const blocks: ((from: string) => string)[] = [
    (from) => {
      const to = 2 * (1 + below(2));
      const y = add('Relu', [conv(from, to)]);
      channels = to;
      return y;
    },
    (from) => add('Relu', [add('Add', [conv(add('Relu', [conv(from, channels)]), channels), from])]),
    (from) => {
      const y = add('Concat', [add('Relu', [conv(from, 2)]), add('Relu', [conv(from, 1)])], { axis: int(1) });
      channels = 3;
      return y;
    },
    // A convolution after a sum without activation: currents that must become spikes again.
    (from) => add('Relu', [conv(add('Add', [conv(from, channels), from]), channels)]),
    (from) => add('Relu', [conv(from, channels, channels)]),
    (from) => {
      const shape = [channels, 1, 1];
      const scaled = add('Mul', [pool('MaxPool', conv(from, channels)), constant(shape, sixteenth)]);
      const shifted = add('Add', [scaled, constant(shape, bias)]);
      size = 0;
      return add('Relu', [shifted]);
    },
    (from) => {
      size = 0;
      return pool(random() < 0.5 ? 'MaxPool' : 'AveragePool', from);
    },
    (from) => {
      size = 0;
      return pool('MaxPool', add('Relu', [conv(from, channels)]));
    },
  ];
  const input = channels;
  let value = 'x';
  let pools = 0;
  for (let i = 0; i < 3 + below(3); i++) {
    const choice = pools < 2 ? below(blocks.length) : below(5);
    size = 1;
    value = blocks[choice]!(value);
    if (size === 0) pools++;
  }
  const features = add('GlobalAveragePool', [value]);
  const flat = add('Flatten', [features]);
  const logits = add('Gemm', [flat, constant([4, channels], sixteenth), constant([4], bias)], {
    transB: int(1),
  });
  const model = {
    irVersion: 8,
    opset: 17,
    opsets: new Map([['', 17]]),
    producer: '',
    graphName: 'dyadic',
    inputs: [{ name: 'x', dtype: 'float32' as const, shape: ['N', input, 8, 8] }],
    outputs: [{ name: logits, dtype: 'float32' as const, shape: ['N', 4] }],
    nodes,
    initializers,
  };
  const { graph } = normalise(importGraph(model).graph);
  const plan = planSpiking(graph);
  const layers = [
    plannedInputs(plan)[0]!.name,
    ...plan.nodes.flatMap((node) => (node.kind === 'neuron' ? [node.output] : [])),
  ];
  const network = convert(plan, {
    coding: { name: 'dyadic', T, beta: 2, Ts, phi: [0.5, 0.625, 0.75][below(3)]!, encoder: 'css' },
    amplitudes: new Map(layers.map((layer) => [layer, 1])),
    layers: new Map(layers.slice(1).map((layer) => [layer, { Ts: below(Ts + 1) }])),
    preprocessing: { scale: 1, mean: [0], std: [1], channels: 'as-is' },
    annOperations: annOperations(graph),
    provenance: {
      model: { file: `dyadic ${seed}`, sha256: '' },
      calibration: { images: 0, sha256: null },
      amplitudes: 'given',
      tool: 'test',
    },
  });
  const images = floatTensor([3, input, 8, 8]);
  for (let i = 0; i < images.data.length; i++) images.data[i] = ((random() * 2 - 1) * K) | 0;
  return { network, images };
}
