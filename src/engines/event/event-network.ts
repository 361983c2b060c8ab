// A network laid out for the kernels, and its run over images: layer by layer, each over its whole window. What no kernel
// does (functions of the value, products, decoded values) is done by the reference engine's own parts, on dense arrays.
import { encoderNamed } from '../../encoders/index.ts';
import { quantized } from '../../encoders/input-grid.ts';
import { encoderConstants } from '../../encoders/spike-encoder.ts';
import { windowEnd } from '../../neurons/tsa.ts';
import { inputsOf } from '../../snn/network/inputs.ts';
import {
  type AnalogSnnNode,
  type DecoderNode,
  type EncoderNode,
  mostAhead,
  type Network,
  type NeuronNode,
  type ReadoutNode,
  type SnnNode,
  spikingLayers,
} from '../../snn/network/network.ts';
import { tsaParameters } from '../../snn/network/population.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../tensor/tensor.ts';
import type { RunOptions, Trace } from '../engine.ts';
import { Accumulator, applyLinear, populationOf, type Running } from '../reference/parts.ts';
import { Arena } from './arena.ts';
import { fillTrain } from './dense-train.ts';
import { KernelFiring } from './firing.ts';
import { type KernelMemory, type Kernels, kernelMemory, kernelsOver } from './kernels.ts';
import { type Firing, LayerBuilder, type MembraneLayer } from './layers.ts';
import { aligned, Membranes } from './membranes.ts';
import { refuseOneSided } from './one-sided.ts';
import { lengthOf, type Plane, toMemory } from './plane.ts';
import type { Emission } from './synapses.ts';
import { TraceBuilder } from './trace-builder.ts';

const { fround } = Math;

/** Bytes that a network begins with; the memory grows with constants and spikes. */
const INITIAL_BYTES = 2 ** 20;

/** One image on its way through the network. */
interface Passage {
  readonly image: number;
  readonly inputs: ReadonlyMap<string, FloatTensor>;
  readonly traces: TraceBuilder;
  /** What every spiking value carries at each step; null where it is silent. */
  readonly trains: Map<string, readonly (Emission | null)[]>;
  /** Values computed once an image, [1, ...shape]. */
  readonly analogs: Map<string, Running>;
}

/** A layer that cannot go on before its currents lie in memory. */
export interface Demand {
  /** The node's key (`membraneKey`). */
  readonly layer: string;
  /**
   * What a value carries over its window: -1, 0 and 1, or an image at its first step. Channels last: [T, positions, C]. It
   * stays until the same `place` is asked for again.
   */
  readonly train: (value: string, place: number) => Float32Array;
  /** Where the currents of source k belong, biases in them: [T, positions, stride]. Ask when they are there, not before. */
  readonly room: (k: number) => Float32Array | Int32Array;
}

/** Where whoever measures looks in. */
export interface Instruments {
  readonly kernels: (memory: KernelMemory) => Kernels;
  /** Called as a node's turn begins. */
  readonly entering: (node: SnnNode) => void;
}

const UNWATCHED: Instruments = { kernels: kernelsOver, entering: () => {} };

/** A network in the kernels' memory. */
export class EventNetwork {
  private readonly network: Network;
  private readonly T: number;
  private readonly integer: boolean;
  private readonly arena = new Arena(kernelMemory(INITIAL_BYTES));
  private readonly kernels: Kernels;
  private readonly builder: LayerBuilder;
  private readonly layers = new Map<string, MembraneLayer>();
  private readonly firings = new Map<string, Firing | null>();
  /** How often each row of a layer, a neuron's +1 or -1, was among the spikes of a run: int32. */
  private readonly counts: ReadonlyMap<string, number>;
  private readonly membranes: Membranes;
  private readonly firing: KernelFiring;
  private readonly entering: Instruments['entering'];
  private readonly given: ReadonlySet<string>;
  /** Written over again and again: fresh memory for every layer costs more than what is written into it. */
  private readonly denseTrains: Float32Array[] = [];

  /** @param given keys of the nodes whose currents are computed elsewhere: such a network is run by `runOnDemand` */
  constructor(
    network: Network,
    { kernels, entering }: Instruments = UNWATCHED,
    given: ReadonlySet<string> = new Set(),
  ) {
    refuseOneSided(network);
    this.given = given;
    this.entering = entering;
    this.network = network;
    this.T = network.coding.T;
    this.integer = network.arithmetic === 'integer';
    this.kernels = kernels(this.arena.memory);
    this.builder = new LayerBuilder(network, this.arena, this.kernels);
    for (const node of network.nodes) {
      if (hasMembranes(node)) {
        const key = membraneKey(node);
        this.layers.set(key, this.builder.membrane(node, given.has(key)));
      }
      if (node.kind === 'neuron') this.firings.set(node.name, this.builder.firing(node));
    }
    this.counts = new Map(
      spikingLayers(network).map(({ name, shape }) => [name, this.arena.take(8 * sizeOf(shape))]),
    );
    const planes = [
      ...network.nodes.map(({ shape }) => this.builder.planeOf(shape)),
      ...[...this.layers.values()].map(({ plane }) => plane),
    ];
    this.membranes = new Membranes(network, this.arena, this.kernels, planes, [...this.layers.values()]);
    this.firing = new KernelFiring(network, this.kernels, this.membranes);
  }

  /** Runs images [N, ...image] one after the other. */
  run(images: FloatTensor, options: RunOptions): Trace {
    const turn = this.turns(images, options).next();
    if (turn.done !== true) throw new RangeError(`nobody computes the currents of ${turn.value.layer}`);
    return turn.value;
  }

  /** The same where layers have their currents computed elsewhere. One run must end before the next begins. */
  async runOnDemand(
    images: FloatTensor,
    options: RunOptions,
    compute: (demand: Demand) => Promise<void>,
  ): Promise<Trace> {
    const turns = this.turns(images, options);
    for (;;) {
      const turn = turns.next();
      if (turn.done === true) return turn.value;
      await compute(turn.value);
    }
  }

  private *turns(images: FloatTensor, options: RunOptions): Generator<Demand, Trace, void> {
    const count = images.shape[0]!;
    const inputs = inputsOf(this.network, images);
    const traces = new TraceBuilder(this.network, count, options);
    for (const { name, shape } of spikingLayers(this.network)) {
      this.kernels.clear(this.counts.get(name)!, 8 * sizeOf(shape));
    }
    for (let image = 0; image < count; image++) {
      const mark = this.arena.mark();
      yield* this.pass({ image, inputs, traces, trains: new Map(), analogs: new Map() });
      this.arena.release(mark);
    }
    for (const { name, shape } of spikingLayers(this.network)) {
      const counts = this.arena.ints(this.counts.get(name)!, 2 * sizeOf(shape));
      traces.counted(name, this.builder.planeOf(shape), counts);
    }
    return traces.trace();
  }

  private *pass(passage: Passage): Generator<Demand, void, void> {
    const train = (value: string, place: number) => this.denseTrain(passage.trains, value, place);
    for (const node of this.network.nodes) {
      this.entering(node);
      const layer = hasMembranes(node) ? membraneKey(node) : '';
      if (this.given.has(layer)) {
        yield { layer, train, room: (k) => this.membranes.room(this.layers.get(layer)!, k) };
      }
      switch (node.kind) {
        case 'encoder':
          this.encode(node, passage);
          break;
        case 'neuron':
          this.fire(node, passage);
          break;
        case 'decoder':
          this.decode(node, passage);
          break;
        case 'analog':
          this.compute(node, passage);
          break;
        case 'readout':
          this.readOut(node, passage);
      }
    }
  }

  private denseTrain(trains: Passage['trains'], value: string, place: number): Float32Array {
    const { shape } = this.network.nodes.find((node) => node.kind !== 'readout' && node.output === value)!;
    const length = this.T * sizeOf(shape);
    const known = this.denseTrains[place];
    const room = known !== undefined && known.length >= length ? known : new Float32Array(length);
    this.denseTrains[place] = room;
    const dense = room.subarray(0, length);
    fillTrain(dense, trains.get(value)!, this.builder.planeOf(shape), this.arena);
    return dense;
  }

  private encode(node: EncoderNode, passage: Passage): void {
    const values = this.valuesOf(node, passage);
    const encoder = encoderNamed(node.encoder);
    if (!encoder.spikes) {
      const first: Emission = { starts: this.membranes.silent, rows: this.membranes.silent, values };
      passage.trains.set(node.output, [first, ...new Array<null>(this.T - 1).fill(null)]);
      return;
    }
    const plane = this.builder.planeOf(node.shape);
    const constants = encoderConstants(encoder, this.network.coding, node.theta / (node.grid?.scale ?? 1));
    const u = this.membranes.scratch;
    const input = constants.current === 0 ? 0 : u + aligned(4 * lengthOf(plane));
    this.placed(u, plane, values, constants.initial);
    if (input !== 0) this.placed(input, plane, values, constants.current);
    this.emitting(node, plane, passage, (_, starts, rows) =>
      this.kernels.encodeF32(
        ...([u, input, plane.positions, plane.channels, plane.stride, constants.growth] as const),
        ...([constants.threshold, constants.amplitude, starts, rows] as const),
      ),
    );
  }

  /** The analog value that an encoder reads, on its grid. */
  private valuesOf(node: EncoderNode, { image, inputs, analogs }: Passage): Float32Array {
    const size = sizeOf(node.shape);
    const values =
      node.source === undefined
        ? inputs.get(node.name)!.data.subarray(image * size, (image + 1) * size)
        : (analogs.get(node.source.value)!.data as Float32Array);
    return node.grid === undefined ? values : quantized(values, node.grid);
  }

  /** Writes values times a factor, each rounded, in memory order. */
  private placed(at: number, plane: Plane, values: Float32Array, factor: number): void {
    const memory = this.arena.floats(at, lengthOf(plane)).fill(0);
    toMemory(
      plane,
      values.map((value) => fround(value * factor)),
      memory,
    );
  }

  private fire(node: NeuronNode, passage: Passage): void {
    const firing = this.firings.get(node.name)!;
    if (firing === null) this.firePlainly(node, passage);
    else this.fireByKernel(node, firing, passage);
  }

  private fireByKernel(node: NeuronNode, firing: Firing, passage: Passage): void {
    const { membranes } = this;
    const layer = this.layers.get(membraneKey(node))!;
    const plane = this.builder.planeOf(node.shape);
    const space = membranes.opened(layer, plane);
    const turn = { node, layer, space, firing, plane };
    const largest = node.sources.map(() => 0);
    const states = passage.traces.options.states === true;
    for (let t = 1 - mostAhead(node); t <= node.Ts; t++) membranes.integrate(layer, space, t, passage.trains);
    this.emitting(node, plane, passage, (step, starts, rows) => {
      const t = node.Ts + step;
      membranes.integrate(layer, space, t, passage.trains);
      if (states && this.integer) membranes.measure(layer, space, largest);
      return this.firing.step(turn, t, starts, rows);
    });
    if (!states) return;
    const potential = membranes.potential(layer, space, this.T + node.Ts);
    const end = windowEnd(
      tsaParameters(this.network, node, 1),
      potential,
      membranes.emitted(node, plane, space, firing.fused),
    );
    passage.traces.state(node.name, passage.image, end, this.integer ? largest : []);
  }

  /** Neurons that no kernel knows, on dense currents. */
  private firePlainly(node: NeuronNode, passage: Passage): void {
    const layer = this.layers.get(membraneKey(node))!;
    const plane = this.builder.planeOf(node.shape);
    const population = populationOf(this.network, node, 1);
    const out = this.integer ? new Float64Array(sizeOf(node.shape)) : new Float32Array(sizeOf(node.shape));
    for (let t = 1 - mostAhead(node); t <= node.Ts; t++)
      population.step(t, this.membranes.currents(layer, t, passage.trains), out);
    this.emitting(node, plane, passage, (step, starts, rows) => {
      population.step(node.Ts + step, this.membranes.currents(layer, node.Ts + step, passage.trains), out);
      return this.listed(out, plane, starts, rows);
    });
    if (passage.traces.options.states !== true) return;
    passage.traces.state(node.name, passage.image, population.atEnd(), population.largest ?? []);
  }

  /** Dense spikes as lists. */
  private listed(
    spikes: ArrayLike<number>,
    { channels, positions }: Plane,
    starts: number,
    rows: number,
  ): number {
    const begins = this.arena.ints(starts, positions + 1);
    const list = this.arena.ints(rows, positions * channels);
    let count = 0;
    for (let p = 0; p < positions; p++) {
      begins[p] = count;
      for (let c = 0; c < channels; c++) {
        const s = spikes[c * positions + p]!;
        if (s !== 0) list[count++] = 2 * channels * p + (s > 0 ? c : channels + c);
      }
    }
    begins[positions] = count;
    return count;
  }

  /** Runs the T firing steps of a layer: `step` is told the step, 1 to T, and where its lists go, and says how many fired. */
  private emitting(
    node: EncoderNode | NeuronNode,
    plane: Plane,
    passage: Passage,
    step: (t: number, starts: number, rows: number) => number,
  ): void {
    const { arena } = this;
    const train: Emission[] = [];
    for (let t = 1; t <= this.T; t++) {
      const starts = arena.take(4 * (plane.positions + 1));
      const rows = arena.reserve(4 * plane.positions * plane.channels);
      const count = step(t, starts, rows);
      arena.take(4 * count);
      const emission: Emission = { starts, rows, values: null };
      train.push(emission);
      this.record(node, plane, passage, t - 1, count, emission);
    }
    passage.trains.set(node.output, train);
  }

  private record(
    { name }: EncoderNode | NeuronNode,
    plane: Plane,
    { image, traces }: Passage,
    t: number,
    count: number,
    { starts, rows }: Emission,
  ): void {
    const { positions } = plane;
    this.kernels.countSpikes(rows, count, this.counts.get(name)!);
    traces.spiked(name, t, count);
    if (traces.options.spikes !== true) return;
    traces.train(name, image, t, plane, this.arena.ints(starts, positions + 1), this.arena.ints(rows, count));
  }

  private decode(node: DecoderNode, passage: Passage): void {
    const layer = this.layers.get(membraneKey(node))!;
    const space = this.membranes.opened(layer, layer.plane);
    for (let t = 1; t <= this.T; t++) this.membranes.integrate(layer, space, t, passage.trains);
    const value = this.membranes.potential(layer, space, this.T) as Float32Array;
    passage.analogs.set(node.output, floatTensor([1, ...node.shape], value));
  }

  private compute(node: AnalogSnnNode, { analogs }: Passage): void {
    analogs.set(
      node.output,
      applyLinear(this.network, node, (value) => analogs.get(value)!),
    );
  }

  private readOut(node: ReadoutNode, passage: Passage): void {
    const layer = this.layers.get(membraneKey(node))!;
    if (layer.wide) {
      this.readOutPlainly(node, layer, passage);
      return;
    }
    const space = this.membranes.opened(layer, layer.plane);
    for (let t = 1; t <= this.T; t++) {
      this.membranes.integrate(layer, space, t, passage.trains);
      passage.traces.answer(node.name, passage.image, t - 1, this.membranes.potential(layer, space, t));
    }
  }

  private readOutPlainly(node: ReadoutNode, layer: MembraneLayer, passage: Passage): void {
    const accumulator = new Accumulator(this.network, node, 1);
    const logits = new Float32Array(sizeOf(node.shape));
    for (let t = 1; t <= this.T; t++) {
      accumulator.step(t, this.membranes.currents(layer, t, passage.trains), logits);
      passage.traces.answer(node.name, passage.image, t - 1, logits);
    }
  }
}

/** The key of what adds currents up: a readout may be called like a layer of neurons. */
export function membraneKey({ kind, name }: NeuronNode | ReadoutNode | DecoderNode): string {
  return `${kind} ${name}`;
}

/** Whether a node adds currents up. */
export function hasMembranes(node: SnnNode): node is NeuronNode | ReadoutNode | DecoderNode {
  return node.kind === 'neuron' || node.kind === 'readout' || node.kind === 'decoder';
}
