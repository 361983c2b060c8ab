// The reference engine: plain TypeScript, one layer after the other, each over its whole window. Windows are
// aligned by the delays, so this equals stepping all layers together (stepped.ts shows that). Written to be read.
import { inputsOf } from '../../snn/network/inputs.ts';
import {
  type DecoderNode,
  type EncoderNode,
  isSpiking,
  type MembraneInput,
  mostAhead,
  type Network,
  type NeuronNode,
  type ReadoutNode,
} from '../../snn/network/network.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../tensor/tensor.ts';
import { defineEngine, type LayerTrace, type RunOptions, type Trace } from '../engine.ts';
import {
  Accumulator,
  applyLinear,
  countSpikes,
  DecoderAccumulator,
  encoderOver,
  populationOf,
  type Running,
  silence,
} from './parts.ts';

/** The engine that every other one is tested against. */
export const reference = defineEngine({
  name: 'reference',
  summary: 'plain TypeScript, layer by layer: slow, readable, the oracle',
  batch: () => 1,
  async compile(network) {
    return {
      run: async (images, options = {}) => new WindowRun(network, images, options).run(),
      release: async () => {},
    };
  },
});

/** Live state of one run over a batch: what every node has put out so far. */
class WindowRun {
  private readonly network: Network;
  private readonly inputs: ReadonlyMap<string, FloatTensor>;
  private readonly options: RunOptions;
  private readonly count: number;
  private readonly T: number;
  /** Every running value over its window, time folded into the batch axis: [T * images, ...shape]; analog ones [images, ...]. */
  private readonly values = new Map<string, Running>();
  private readonly logits = new Map<string, Float32Array>();
  private readonly layers = new Map<string, LayerTrace>();

  constructor(network: Network, images: FloatTensor, options: RunOptions) {
    this.network = network;
    this.inputs = inputsOf(network, images);
    this.options = options;
    this.count = images.shape[0]!;
    this.T = network.coding.T;
  }

  run(): Trace {
    for (const node of this.network.nodes) {
      switch (node.kind) {
        case 'encoder':
          this.values.set(node.output, this.encode(node));
          break;
        case 'linear':
          this.values.set(
            node.output,
            applyLinear(this.network, node, (value) => this.values.get(value)!),
          );
          break;
        case 'neuron':
          this.values.set(node.output, this.fire(node));
          break;
        case 'decoder':
          this.values.set(node.output, this.decode(node));
          break;
        case 'analog':
          this.values.set(
            node.output,
            applyLinear(this.network, node, (value) => this.values.get(value)!),
          );
          break;
        case 'readout':
          this.logits.set(node.name, this.readOut(node));
      }
    }
    return { images: this.count, logits: this.logits, layers: this.layers };
  }

  private encode(node: EncoderNode): Running {
    const { source } = node;
    const analog = source === undefined ? this.inputs.get(node.name)! : this.values.get(source.value)!;
    const size = analog.data.length;
    const spikes = silence(this.network, [this.T * this.count, ...node.shape]);
    const encoder = encoderOver(this.network, node, analog.data as Float32Array);
    for (let t = 0; t < this.T; t++) encoder.step(spikes.data.subarray(t * size, (t + 1) * size));
    if (isSpiking(node)) this.layers.set(node.name, this.traceOf(spikes, sizeOf(node.shape)));
    return spikes;
  }

  /** The value at the end of the window: [images, ...shape]. */
  private decode(node: DecoderNode): Running {
    const accumulator = new DecoderAccumulator(this.network, node, this.count);
    for (let t = 1; t <= this.T; t++) accumulator.step(this.currents(node.sources, t)[0]!);
    return floatTensor([this.count, ...node.shape], accumulator.h);
  }

  private fire(node: NeuronNode): Running {
    const neurons = this.count * sizeOf(node.shape);
    const population = populationOf(this.network, node, this.count);
    const spikes = silence(this.network, [this.T * this.count, ...node.shape]);
    for (let t = 1 - mostAhead(node); t <= this.T + node.Ts; t++) {
      const step = Math.max(t - node.Ts - 1, 0);
      population.step(
        t,
        this.currents(node.sources, t),
        spikes.data.subarray(step * neurons, (step + 1) * neurons),
      );
    }
    const { largest } = population;
    const states = { ...population.atEnd(), ...(largest === undefined ? {} : { membranes: largest }) };
    this.layers.set(node.name, {
      ...this.traceOf(spikes, sizeOf(node.shape)),
      ...(this.options.states ? states : {}),
    });
    return spikes;
  }

  private readOut(node: ReadoutNode): Float32Array {
    const size = this.count * sizeOf(node.shape);
    const logits = new Float32Array(this.T * size);
    const accumulator = new Accumulator(this.network, node, this.count);
    for (let t = 1; t <= this.T; t++) {
      accumulator.step(t, this.currents(node.sources, t), logits.subarray((t - 1) * size, t * size));
    }
    return logits;
  }

  /** What each source carries at step t, 1-based, of the window, later where it runs ahead; nothing behind its own window. */
  private currents(sources: readonly MembraneInput[], t: number) {
    return sources.map(({ value, aheadSteps = 0 }) => {
      const { data } = this.values.get(value)!;
      const size = data.length / this.T;
      const step = Math.max(t + aheadSteps, 1);
      return data.subarray((step - 1) * size, step * size);
    });
  }

  private traceOf(spikes: Running, size: number): LayerTrace {
    const counts = countSpikes(spikes.data, this.T, size);
    return this.options.spikes ? { ...counts, spikes: Int8Array.from(spikes.data) } : counts;
  }
}
