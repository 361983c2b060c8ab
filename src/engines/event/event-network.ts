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
import { type KernelMemory, kernelMemory, kernelsOver } from './compiled-kernels.ts';
import { fillTrain } from './dense-train.ts';
import { Emitter } from './emitter.ts';
import { KernelFiring } from './firing.ts';
import type { Kernels } from './kernels.ts';
import { type Firing, LayerBuilder, type MembraneLayer } from './layers.ts';
import { fillMasks, masksLength } from './masks.ts';
import { hasMembranes, membraneKey } from './membrane-node.ts';
import { aligned, Membranes } from './membranes.ts';
import { refuseOneSided } from './one-sided.ts';
import { lengthOf, type Plane } from './plane.ts';
import type { Emission } from './synapses.ts';
import { TraceBuilder } from './trace-builder.ts';

/** Bytes that a network begins with; the memory grows with constants and spikes. */
const INITIAL_BYTES = 2 ** 20;

/**
 * Bytes that the trains of images which go through together may take, and about how many a neuron takes at a step.
 *
 * CONTRIBUTOR NOTES. What was tried (EPYC with 1 MB of L2, Node 20, November 2026): a ResNet-20 in float32 image by image, its
 * weights read from L3 for each, 5.0 ms; four images or eight through each layer before the next, 4.6.
 */
const TRAIN_BYTES = 16 * 2 ** 20;
const BYTES_PER_STEP = 1.5;

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
  private readonly emitter: Emitter;
  private readonly membranes: Membranes;
  private readonly firing: KernelFiring;
  private readonly entering: Instruments['entering'];
  /** How many images go through each layer before the next. */
  private readonly together: number;
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
    this.builder = new LayerBuilder(network, this.arena, this.kernels, given);
    for (const node of network.nodes) {
      if (hasMembranes(node)) this.layers.set(membraneKey(node), this.builder.membrane(node));
      if (node.kind === 'neuron') this.firings.set(node.name, this.builder.firing(node));
    }
    const neurons = spikingLayers(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    this.together = Math.max(1, Math.floor(TRAIN_BYTES / (BYTES_PER_STEP * this.T * neurons)));
    this.emitter = new Emitter(network, this.arena, this.kernels, this.builder);
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
    this.emitter.clear();
    for (let from = 0; from < count; from += this.together) {
      const mark = this.arena.mark();
      yield* this.pass(
        Array.from({ length: Math.min(this.together, count - from) }, (_, i) => ({
          ...{ image: from + i, inputs, traces, trains: new Map(), analogs: new Map() },
        })),
      );
      this.arena.release(mark);
    }
    this.emitter.counted(traces);
    return traces.trace();
  }

  /** Images that go through together do so layer by layer. */
  private *pass(passages: readonly Passage[]): Generator<Demand, void, void> {
    for (const node of this.network.nodes) {
      this.entering(node);
      for (const passage of passages) yield* this.enter(node, passage);
    }
  }

  private *enter(node: SnnNode, passage: Passage): Generator<Demand, void, void> {
    const layer = hasMembranes(node) ? membraneKey(node) : '';
    if (this.given.has(layer)) {
      const train = (value: string, place: number) => this.denseTrain(passage.trains, value, place);
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
      const { silent } = this.membranes;
      const first: Emission = { masks: silent, starts: silent, rows: silent, values };
      passage.trains.set(node.output, [first, ...new Array<null>(this.T - 1).fill(null)]);
      return;
    }
    const plane = this.builder.planeOf(node.shape);
    const constants = encoderConstants(encoder, this.network.coding, node.theta / (node.grid?.scale ?? 1));
    const u = this.membranes.scratch;
    const input = constants.current === 0 ? 0 : u + aligned(4 * lengthOf(plane));
    this.placed(u, plane, values, constants.initial);
    if (input !== 0) this.placed(input, plane, values, constants.current);
    const { growth, threshold, amplitude } = constants;
    this.emit(node, passage, (_, masks) => {
      this.kernels.encodeF32(u, input, lengthOf(plane), growth, threshold, amplitude, masks);
    });
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
    const { channels, positions, stride } = plane;
    const memory = this.arena.floats(at, lengthOf(plane)).fill(0);
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < positions; p++) memory[p * stride + c] = values[c * positions + p]! * factor;
    }
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
    this.emit(node, passage, (step, masks) => {
      const t = node.Ts + step;
      membranes.integrate(layer, space, t, passage.trains);
      if (states && this.integer) membranes.measure(layer, space, largest);
      this.firing.step(turn, t, masks);
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
    this.emit(node, passage, (step, masks) => {
      population.step(node.Ts + step, this.membranes.currents(layer, node.Ts + step, passage.trains), out);
      fillMasks(this.arena.octets(masks, masksLength(plane)), out, plane);
    });
    if (passage.traces.options.states !== true) return;
    passage.traces.state(node.name, passage.image, population.atEnd(), population.largest ?? []);
  }

  /** Runs the T firing steps of a layer: `step` is told the step, 1 to T, and where its masks go. */
  private emit(
    node: EncoderNode | NeuronNode,
    { image, traces, trains }: Passage,
    step: (t: number, masks: number) => void,
  ): void {
    trains.set(node.output, this.emitter.emit(node, image, traces, step));
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
