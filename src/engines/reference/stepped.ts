// The same network with all layers advancing together, step by step, as a chip would run it: delay lines align
// the sources of a node, and a new image enters every T + max Ts steps while earlier ones are still on their way.
// This is what measures latency and throughput; its spikes equal the layer-by-layer run's.
import { inputsOf } from '../../snn/network/inputs.ts';
import {
  type Edge,
  isSpiking,
  mostAhead,
  type Network,
  opensAt,
  pipelineInterval,
  readouts,
  runningSources,
  type SnnNode,
} from '../../snn/network/network.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../tensor/tensor.ts';
import type { LayerTrace, Trace } from '../engine.ts';
import {
  Accumulator,
  applyLinear,
  countSpikes,
  DecoderAccumulator,
  encoderOver,
  type InputEncoder,
  type Population,
  populationOf,
  type Running,
  silence,
} from './parts.ts';

/** A stepped run: its trace and what only it can measure. */
export interface SteppedRun {
  readonly trace: Trace;
  /** Steps from the entry of the first image until its readout has all of its input. */
  readonly latencySteps: number;
  /** Steps between the readouts of consecutive images; null for a single image. */
  readonly intervalSteps: number | null;
}

/** Runs images [N, ...] one behind the other through the pipeline. */
export function runStepped(network: Network, images: FloatTensor): SteppedRun {
  const run = new SteppedNetwork(network, images);
  return run.run();
}

/** Live state: one of everything, as in hardware; each node works on one image at a time. */
class SteppedNetwork {
  private readonly network: Network;
  private readonly images: FloatTensor;
  private readonly interval: number;
  private readonly T: number;
  /** The last steps of every value, newest first: index d holds the value d steps ago. */
  private readonly lines = new Map<string, Running[]>();
  private readonly depth: ReadonlyMap<string, number>;
  private readonly encoders = new Map<string, InputEncoder>();
  private readonly populations = new Map<string, Population>();
  private readonly decoders = new Map<string, DecoderAccumulator>();
  /** Analog values, by image. */
  private readonly analogs = new Map<string, Running[]>();
  private readonly inputs: ReadonlyMap<string, FloatTensor>;
  private readonly accumulators = new Map<string, Accumulator>();
  private readonly spikes = new Map<string, Int8Array>();
  private readonly logits = new Map<string, Float32Array>();
  private readonly finished: number[] = [];
  /** The readout that has its input last. */
  private readonly lastReadout: SnnNode;

  constructor(network: Network, images: FloatTensor) {
    this.network = network;
    this.images = images;
    this.inputs = inputsOf(network, images);
    this.interval = pipelineInterval(network);
    this.T = network.coding.T;
    this.depth = delayLineDepths(network);
    this.lastReadout = readouts(network).reduce((last, node) => (node.start >= last.start ? node : last));
    const count = images.shape[0]!;
    for (const node of network.nodes) {
      const size = this.T * count * sizeOf(node.shape);
      if (node.kind === 'readout') this.logits.set(node.name, new Float32Array(size));
      else if (isSpiking(node)) this.spikes.set(node.name, new Int8Array(size));
    }
  }

  run(): SteppedRun {
    const count = this.images.shape[0]!;
    for (let step = 0; this.finished.length < count; step++) {
      for (const node of this.network.nodes) this.advance(node, step);
    }
    const [first, second] = this.finished;
    return {
      trace: this.trace(),
      latencySteps: first!,
      intervalSteps: second === undefined ? null : second - first!,
    };
  }

  /** Advances one node by one global step. */
  private advance(node: SnnNode, step: number): void {
    // What runs ahead comes in before the window opens.
    const ahead = mostAhead(node);
    const begins = opensAt(node, this.T) - ahead;
    const image = Math.floor((step - begins) / this.interval);
    const phase = step - begins - image * this.interval;
    const idle = image < 0 || image >= this.images.shape[0]!;
    switch (node.kind) {
      case 'encoder':
        this.emit(node.output, node.shape, (out) => {
          if (idle || phase >= this.T) return;
          this.encoder(node, image, phase).step(out);
          this.keepSpikes(node, image, phase, out);
        });
        break;
      case 'linear':
        this.emit(node.output, node.shape, (out) => {
          if (idle || phase >= this.T) return;
          out.set(applyLinear(this.network, node, (value) => this.read(node, value)).data);
        });
        break;
      case 'neuron':
        this.emit(node.output, node.shape, (out) => {
          const t = phase - ahead + 1;
          if (idle || t > this.T + node.Ts) return;
          const currents = node.sources.map((source) => this.delayed(source).data);
          this.population(node, phase).step(t, currents, out);
          if (t > node.Ts) this.keepSpikes(node, image, t - node.Ts - 1, out);
        });
        break;
      case 'decoder':
        if (!idle && phase < this.T) this.decode(node, image, phase);
        break;
      case 'analog':
        if (!idle && phase === 0) {
          const held = (value: string) => this.analogs.get(value)![image]!;
          this.hold(node.output, image, applyLinear(this.network, node, held));
        }
        break;
      case 'readout': {
        if (idle || phase >= this.T) return;
        this.accumulate(node, image, phase);
        if (phase === this.T - 1 && node === this.lastReadout) {
          this.finished.push(step + 1);
        }
      }
    }
  }

  private encoder(node: Extract<SnnNode, { kind: 'encoder' }>, image: number, phase: number): InputEncoder {
    if (phase === 0) {
      const value =
        node.source === undefined ? this.pixels(node, image) : this.analogs.get(node.source.value)![image]!;
      this.encoders.set(node.name, encoderOver(this.network, node, value.data as Float32Array));
    }
    return this.encoders.get(node.name)!;
  }

  /** One input of one image. */
  private pixels({ name, shape }: Extract<SnnNode, { kind: 'encoder' }>, image: number): FloatTensor {
    const size = sizeOf(shape);
    const { data } = this.inputs.get(name)!;
    return floatTensor(shape, data.slice(image * size, (image + 1) * size));
  }

  private decode(node: Extract<SnnNode, { kind: 'decoder' }>, image: number, phase: number): void {
    if (phase === 0) this.decoders.set(node.name, new DecoderAccumulator(this.network, node, 1));
    const decoder = this.decoders.get(node.name)!;
    decoder.step(this.delayed(node.sources[0]!).data);
    if (phase === this.T - 1) this.hold(node.output, image, floatTensor([1, ...node.shape], decoder.h));
  }

  /** Keeps an analog value of one image for its readers. */
  private hold(value: string, image: number, made: Running): void {
    const held = this.analogs.get(value) ?? [];
    held[image] = made;
    this.analogs.set(value, held);
  }

  private population(node: Extract<SnnNode, { kind: 'neuron' }>, phase: number): Population {
    if (phase === 0) this.populations.set(node.name, populationOf(this.network, node, 1));
    return this.populations.get(node.name)!;
  }

  private accumulate(node: Extract<SnnNode, { kind: 'readout' }>, image: number, phase: number): void {
    const size = sizeOf(node.shape);
    if (phase === 0) this.accumulators.set(node.name, new Accumulator(this.network, node, 1));
    const currents = node.sources.map((source) => this.delayed(source).data);
    const at = (phase * this.images.shape[0]! + image) * size;
    const logits = this.logits.get(node.name)!.subarray(at, at + size);
    this.accumulators.get(node.name)!.step(phase + 1, currents, logits);
  }

  /** Pushes a new step into the value's delay line. */
  private emit(value: string, shape: readonly number[], fill: (out: Running['data']) => void): void {
    const made = silence(this.network, [1, ...shape]);
    fill(made.data);
    const line = this.lines.get(value) ?? [];
    line.unshift(made);
    line.length = Math.min(line.length, this.depth.get(value)! + 1);
    this.lines.set(value, line);
  }

  private read(node: Extract<SnnNode, { kind: 'linear' }>, value: string): Running {
    const edge = node.sources.find((source): source is Edge => 'value' in source && source.value === value)!;
    return this.delayed(edge);
  }

  private delayed(edge: Edge): Running {
    const line = this.lines.get(edge.value)!;
    return line[edge.delaySteps] ?? silence(this.network, line[0]!.shape);
  }

  private keepSpikes(node: SnnNode, image: number, step: number, out: Running['data']): void {
    this.spikes.get(node.name)?.set(out, (step * this.images.shape[0]! + image) * out.length);
  }

  private trace(): Trace {
    const layers = new Map<string, LayerTrace>();
    for (const node of this.network.nodes) {
      const spikes = this.spikes.get(node.name);
      if (spikes !== undefined)
        layers.set(node.name, { ...countSpikes(spikes, this.T, sizeOf(node.shape)), spikes });
    }
    return { images: this.images.shape[0]!, logits: this.logits, layers };
  }
}

/** How many steps back each value is read. */
function delayLineDepths(network: Network): ReadonlyMap<string, number> {
  const depth = new Map<string, number>();
  for (const node of network.nodes) {
    if (node.kind !== 'readout') depth.set(node.output, 0);
    // Analog values are held, not passed on step by step.
    if (node.kind === 'encoder' || node.kind === 'analog') continue;
    for (const { value, delaySteps } of runningSources(node)) {
      depth.set(value, Math.max(depth.get(value)!, delaySteps));
    }
  }
  return depth;
}
