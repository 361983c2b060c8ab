// The reference engine: plain TypeScript, one layer after the other, each over its whole window. Windows are
// aligned by the delays, so this equals stepping all layers together (stepped.ts shows that). Written to be read.
import { encoderNamed } from '../../encoders/index.ts';
import { SpikeEncoder } from '../../encoders/spike-encoder.ts';
import { TsaPopulation } from '../../neurons/tsa.ts';
import type { EncoderNode, Network, NeuronNode, ReadoutNode } from '../../snn/network.ts';
import { tsaParameters } from '../../snn/population.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../tensor/tensor.ts';
import { defineEngine, type LayerTrace, type RunOptions, type Trace } from '../engine.ts';
import { applyLinear, countSpikes } from './parts.ts';

/** The engine that every other one is tested against. */
export const reference = defineEngine({
  name: 'reference',
  summary: 'plain TypeScript, layer by layer: slow, readable, the oracle',
  batch: () => 1,
  async compile(network) {
    return {
      run: async (images, options = {}) => runWindow(network, images, options),
      release: async () => {},
    };
  },
});

function runWindow(network: Network, images: FloatTensor, options: RunOptions): Trace {
  const count = images.shape[0]!;
  /** Every running value over its window, time folded into the batch axis: [T * images, ...shape]. */
  const values = new Map<string, FloatTensor>();
  const logits = new Map<string, Float32Array>();
  const layers = new Map<string, LayerTrace>();
  const running = (value: string) => values.get(value)!;
  for (const node of network.nodes) {
    switch (node.kind) {
      case 'encoder':
        values.set(node.output, encode(network, node, images, options, layers));
        break;
      case 'linear':
        values.set(node.output, applyLinear(network, node, running));
        break;
      case 'neuron':
        values.set(node.output, fire(network, node, running(node.source.value), count, options, layers));
        break;
      case 'readout':
        logits.set(node.name, readOut(network, node, running(node.source.value)));
    }
  }
  return { images: count, logits, layers };
}

function encode(
  network: Network,
  node: EncoderNode,
  images: FloatTensor,
  options: RunOptions,
  layers: Map<string, LayerTrace>,
): FloatTensor {
  const { T } = network.coding;
  const size = images.data.length;
  const spikes = floatTensor([T * images.shape[0]!, ...node.shape]);
  const encoder = new SpikeEncoder(encoderNamed(node.encoder), network.coding, node.theta, images.data);
  for (let t = 0; t < T; t++) encoder.step(spikes.data.subarray(t * size, (t + 1) * size));
  layers.set(node.name, traceOf(spikes, T, sizeOf(node.shape), options));
  return spikes;
}

function fire(
  network: Network,
  node: NeuronNode,
  current: FloatTensor,
  images: number,
  options: RunOptions,
  layers: Map<string, LayerTrace>,
): FloatTensor {
  const { T } = network.coding;
  const potentials = images * sizeOf(node.potentialShape);
  const neurons = images * sizeOf(node.shape);
  const population = new TsaPopulation(tsaParameters(network, node, images), potentials, neurons);
  const spikes = floatTensor([T * images, ...node.shape]);
  for (let t = 1; t <= T + node.Ts; t++) {
    const z = current.data.subarray((t - 1) * potentials, t * potentials);
    const step = Math.max(t - node.Ts - 1, 0);
    population.step(t, z, spikes.data.subarray(step * neurons, (step + 1) * neurons));
  }
  layers.set(node.name, {
    ...traceOf(spikes, T, sizeOf(node.shape), options),
    ...(options.states ? population.atEnd() : {}),
  });
  return spikes;
}

function readOut(network: Network, node: ReadoutNode, current: FloatTensor): Float32Array {
  const { T } = network.coding;
  const beta = Math.fround(network.coding.beta);
  const size = (current.shape[0]! / T) * sizeOf(node.shape);
  const h = new Float32Array(T * size);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < size; i++) {
      const before = t === 0 ? 0 : Math.fround(beta * h[(t - 1) * size + i]!);
      h[t * size + i] = before + current.data[t * size + i]!;
    }
  }
  return h;
}

function traceOf(spikes: FloatTensor, T: number, size: number, options: RunOptions): LayerTrace {
  const counts = countSpikes(spikes.data, T, size);
  return options.spikes ? { ...counts, spikes: Int8Array.from(spikes.data) } : counts;
}
