// A network laid out for the kernels, and its run over images: layer by layer, each over its whole window. What no kernel
// does (functions of the value, products, decoded values) is done by the reference engine's own parts, on dense arrays.
import { encoderNamed } from '../../encoders/index.ts';
import { quantized } from '../../encoders/input-grid.ts';
import { encoderConstants } from '../../encoders/spike-encoder.ts';
import { biasShare, prefixAt, singleThresholdAt, thresholdAt, windowEnd } from '../../neurons/tsa.ts';
import { membraneSum } from '../../neurons/tsa-integer.ts';
import { type Window, windowOver } from '../../ops/window.ts';
import { inputsOf } from '../../snn/network/inputs.ts';
import {
  type AnalogSnnNode,
  type DecoderNode,
  type EncoderNode,
  type Network,
  type NeuronNode,
  type ReadoutNode,
  spikingLayers,
} from '../../snn/network/network.ts';
import { membraneSumOf, tsaParameters } from '../../snn/network/population.ts';
import { type FloatTensor, floatTensor, sizeOf } from '../../tensor/tensor.ts';
import type { RunOptions, Trace } from '../engine.ts';
import { Accumulator, applyLinear, populationOf, type Running } from '../reference/parts.ts';
import { Arena } from './arena.ts';
import { type Kernels, kernelMemory, kernelsOver } from './kernels.ts';
import { type Firing, LayerBuilder, type MembraneLayer } from './layers.ts';
import { fromMemory, lengthOf, type Plane, toMemory } from './plane.ts';
import type { Emission } from './synapses.ts';
import { TraceBuilder } from './trace-builder.ts';

const { fround } = Math;

/** Bytes that a network begins with; the memory grows with constants and spikes. */
const INITIAL_BYTES = 2 ** 20;

const NO_BIAS = { at: 0, stride: 0 };

/** Membranes of a layer in memory. */
interface Membranes {
  /** Accumulated input of each source. */
  readonly h: readonly number[];
  /** Sums of integer sources in float64, pooled potentials, and accumulated output. */
  readonly u: number;
  readonly pooled: number;
  readonly g: number;
}

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

/** A network in the kernels' memory. */
export class EventNetwork {
  private readonly network: Network;
  private readonly T: number;
  private readonly beta: number;
  private readonly integer: boolean;
  private readonly arena = new Arena(kernelMemory(INITIAL_BYTES));
  private readonly kernels: Kernels;
  private readonly builder: LayerBuilder;
  private readonly layers = new Map<string, MembraneLayer>();
  private readonly firings = new Map<string, Firing | null>();
  /** How often each neuron of a layer spiked in the images of a run: int32, channels last. */
  private readonly counts: ReadonlyMap<string, number>;
  /** Lists of a step without spikes, for as many positions as the largest layer has. */
  private readonly silent: number;
  /** Membranes of the layer at work. */
  private readonly scratch: number;

  constructor(network: Network) {
    this.network = network;
    this.T = network.coding.T;
    this.beta = network.coding.beta;
    this.integer = network.arithmetic === 'integer';
    this.kernels = kernelsOver(this.arena.memory);
    this.builder = new LayerBuilder(network, this.arena, this.kernels);
    for (const node of network.nodes) {
      if (node.kind === 'neuron' || node.kind === 'readout' || node.kind === 'decoder') {
        this.layers.set(keyOf(node), this.builder.membrane(node));
      }
      if (node.kind === 'neuron') this.firings.set(node.name, this.builder.firing(node));
    }
    this.counts = new Map(
      spikingLayers(network).map(({ name, shape }) => [name, this.arena.take(4 * sizeOf(shape))]),
    );
    const positions = network.nodes.map(({ shape }) => this.builder.planeOf(shape).positions);
    const potentials = [...this.layers.values()].map(({ plane }) => plane.positions);
    this.silent = this.arena.put(new Int32Array(Math.max(...positions, ...potentials) + 1));
    this.scratch = this.arena.take(Math.max(...network.nodes.map((node) => this.scratchBytes(node))));
  }

  /** Runs images [N, ...image] one after the other. */
  run(images: FloatTensor, options: RunOptions): Trace {
    const count = images.shape[0]!;
    const inputs = inputsOf(this.network, images);
    const traces = new TraceBuilder(this.network, count, options);
    for (const { name, shape } of spikingLayers(this.network)) {
      this.kernels.clear(this.counts.get(name)!, 4 * sizeOf(shape));
    }
    for (let image = 0; image < count; image++) {
      const mark = this.arena.mark();
      this.pass({ image, inputs, traces, trains: new Map(), analogs: new Map() });
      this.arena.release(mark);
    }
    for (const { name, shape } of spikingLayers(this.network)) {
      const counts = this.arena.ints(this.counts.get(name)!, sizeOf(shape));
      traces.counted(name, this.builder.planeOf(shape), counts);
    }
    return traces.trace();
  }

  private pass(passage: Passage): void {
    for (const node of this.network.nodes) {
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

  private encode(node: EncoderNode, passage: Passage): void {
    const values = this.valuesOf(node, passage);
    const encoder = encoderNamed(node.encoder);
    if (!encoder.spikes) {
      const first: Emission = { starts: this.silent, rows: this.silent, values };
      passage.trains.set(node.output, [first, ...new Array<null>(this.T - 1).fill(null)]);
      return;
    }
    const plane = this.builder.planeOf(node.shape);
    const constants = encoderConstants(encoder, this.network.coding, node.theta / (node.grid?.scale ?? 1));
    const u = this.scratch;
    const input = constants.current === 0 ? 0 : u + aligned(4 * lengthOf(plane));
    this.placed(u, plane, values, constants.initial);
    if (input !== 0) this.placed(input, plane, values, constants.current);
    this.emitting(node, plane, passage, (_, starts, rows) =>
      this.kernels.encodeF32(
        ...([u, input, plane.positions, plane.channels, plane.stride, constants.beta] as const),
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
    const { T, beta } = this;
    const { Ts, phi } = node;
    const layer = this.layers.get(keyOf(node))!;
    const plane = this.builder.planeOf(node.shape);
    const membranes = this.membranes(layer, plane);
    const round = this.integer ? (value: number) => value : fround;
    const largest = node.sources.map(() => 0);
    const states = passage.traces.options.states === true;
    this.cleared(layer, membranes, plane);
    for (let t = 1; t <= Ts; t++) this.integrate(layer, membranes, t, passage);
    this.emitting(node, plane, passage, (step, starts, rows) => {
      const t = Ts + step;
      this.integrate(layer, membranes, t, passage);
      if (states && this.integer) this.measured(layer, membranes, largest);
      const last = t === T + Ts;
      const parameters = { T, Ts, beta, phi };
      const potential = this.potential(node, layer, membranes, firing, t, plane);
      const sizes = [
        plane.positions,
        plane.channels,
        plane.stride,
        firing.mode,
        firing.low,
        firing.high,
      ] as const;
      const scale = round(beta ** (t - T));
      const amplitude = round(beta ** Ts);
      const threshold = (this.integer ? thresholdAt : singleThresholdAt)(t, parameters);
      return this.integer
        ? this.kernels.fireF64(
            potential,
            membranes.g,
            ...sizes,
            scale,
            beta,
            amplitude,
            threshold,
            Number(last),
            starts,
            rows,
          )
        : this.kernels.fireF32(
            potential,
            membranes.g,
            ...sizes,
            scale,
            fround(beta),
            amplitude,
            threshold,
            starts,
            rows,
          );
    });
    if (states) this.keepState(node, layer, membranes, plane, passage, largest);
  }

  /** What f is applied to, in memory: h or the sum of the sources, pooled, scaled and shifted. */
  private potential(
    node: NeuronNode,
    layer: MembraneLayer,
    { h, u, pooled }: Membranes,
    firing: Firing,
    t: number,
    plane: Plane,
  ): number {
    const { kernels, integer } = this;
    if (integer) this.summed(layer, h, u, t);
    const own = integer ? u : h[0]!;
    if (node.pool === undefined && firing.affine === null) return own;
    const { height, width, stride } = layer.plane;
    const window = node.pool === undefined ? null : windowOver(node.pool, node.potentialShape.slice(1));
    (integer ? kernels.poolMaxF64 : kernels.poolMaxF32)(
      ...([own, height, width, stride, pooled, plane.height, plane.width] as const),
      ...geometryOf(window),
    );
    if (firing.affine !== null) {
      const { T, beta } = this;
      const prefix = integer ? biasShare(t, T, beta) : prefixAt(t, T, beta);
      const { scale, shift } = firing.affine;
      (integer ? kernels.affineF64 : kernels.affineF32)(
        pooled,
        plane.positions,
        plane.stride,
        scale,
        shift,
        prefix,
      );
    }
    return pooled;
  }

  private summed({ inflows, plane, bias }: MembraneLayer, h: readonly number[], u: number, t: number): void {
    const [h0, h1 = 0, h2 = 0, h3 = 0] = h;
    const [s0, s1 = 0, s2 = 0, s3 = 0] = inflows.map(({ scale }) => scale);
    this.kernels.sumI32(
      ...([u, plane.positions, plane.stride, h.length, h0!, h1, h2, h3, s0!, s1, s2, s3] as const),
      ...([bias?.at ?? 0, bias?.stride ?? 0, biasShare(t, this.T, this.beta)] as const),
    );
  }

  /** h = beta h + what arrives at step t, for every source; nothing but amplification in the tail. */
  private integrate(layer: MembraneLayer, { h }: Membranes, t: number, passage: Passage): void {
    layer.inflows.forEach((_, k) => {
      this.arrive(layer, k, h[k]!, t, passage, this.beta);
    });
  }

  private arrive(
    layer: MembraneLayer,
    k: number,
    h: number,
    t: number,
    passage: Passage,
    beta: number,
  ): void {
    const { kernels } = this;
    const { plane, inflows } = layer;
    const { bias, paths } = inflows[k]!;
    const elements = lengthOf(plane);
    const flows = t <= this.T;
    const membrane = { h, plane, elements };
    const arriving = flows
      ? paths.flatMap(({ source, synapses }) => {
          const emission = passage.trains.get(source)![t - 1]!;
          return emission === null ? [] : [{ emission, synapses }];
        })
      : [];
    const opener = arriving.find(({ synapses }) => synapses.opens);
    if (opener !== undefined) {
      const opening = { beta: fround(beta), bias: bias ?? NO_BIAS };
      opener.synapses.add(opener.emission, membrane, opening);
    } else if (this.integer) kernels.doubleI32(h, elements);
    else if (flows && bias !== null) this.amplifiedWithBias(plane, h, fround(beta), bias);
    else kernels.scaleF32(h, elements, fround(beta));
    for (const arrival of arriving) {
      if (arrival !== opener) arrival.synapses.add(arrival.emission, membrane, null);
    }
  }

  /** h = beta h + bias: a window that sees silence. */
  private amplifiedWithBias(
    { height, width, stride }: Plane,
    h: number,
    beta: number,
    bias: { readonly at: number; readonly stride: number },
  ): void {
    this.kernels.gatherF32(
      ...([this.silent, this.silent, height, width, 1, this.silent, stride, h, height, width] as const),
      ...geometryOf(null),
      ...([this.builder.synapses.scratchList(), beta, 1, bias.at, bias.stride] as const),
    );
  }

  /** Neurons that no kernel knows, on dense currents. */
  private firePlainly(node: NeuronNode, passage: Passage): void {
    const layer = this.layers.get(keyOf(node))!;
    const plane = this.builder.planeOf(node.shape);
    const population = populationOf(this.network, node, 1);
    const out = this.integer ? new Float64Array(sizeOf(node.shape)) : new Float32Array(sizeOf(node.shape));
    for (let t = 1; t <= node.Ts; t++) population.step(t, this.currents(layer, t, passage), out);
    this.emitting(node, plane, passage, (step, starts, rows) => {
      population.step(node.Ts + step, this.currents(layer, node.Ts + step, passage), out);
      return this.listed(out, plane, starts, rows);
    });
    if (passage.traces.options.states !== true) return;
    passage.traces.state(node.name, passage.image, population.atEnd(), population.largest ?? []);
  }

  /** The currents of one step, [C, H, W] for each source. */
  private currents(layer: MembraneLayer, t: number, passage: Passage): (Float32Array | Float64Array)[] {
    const size = sizeOf(layer.node.kind === 'neuron' ? layer.node.potentialShape : layer.node.shape);
    const elements = lengthOf(layer.plane);
    return layer.inflows.map((_, k) => {
      this.kernels.clear(this.scratch, 4 * elements);
      this.arrive(layer, k, this.scratch, t, passage, 0);
      return this.integer
        ? fromMemory(layer.plane, this.arena.ints(this.scratch, elements), new Float64Array(size))
        : fromMemory(layer.plane, this.arena.floats(this.scratch, elements), new Float32Array(size));
    });
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
        if (s !== 0) list[count++] = s > 0 ? c : channels + c;
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
      train.push({ starts, rows, values: null });
      this.record(node, plane, passage, t - 1, count, { starts, rows, values: null });
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
    const { positions, channels } = plane;
    this.kernels.countSpikes(starts, rows, positions, channels, this.counts.get(name)!);
    traces.spiked(name, t, count);
    if (traces.options.spikes !== true) return;
    traces.train(name, image, t, plane, this.arena.ints(starts, positions + 1), this.arena.ints(rows, count));
  }

  private decode(node: DecoderNode, passage: Passage): void {
    const layer = this.layers.get(keyOf(node))!;
    const membranes = this.membranes(layer, layer.plane);
    this.cleared(layer, membranes, layer.plane);
    for (let t = 1; t <= this.T; t++) this.integrate(layer, membranes, t, passage);
    passage.analogs.set(
      node.output,
      floatTensor([1, ...node.shape], this.read(layer.plane, membranes.h[0]!, node.shape)),
    );
  }

  private compute(node: AnalogSnnNode, { analogs }: Passage): void {
    analogs.set(
      node.output,
      applyLinear(this.network, node, (value) => analogs.get(value)!),
    );
  }

  private readOut(node: ReadoutNode, passage: Passage): void {
    const layer = this.layers.get(keyOf(node))!;
    if (layer.wide) {
      this.readOutPlainly(node, layer, passage);
      return;
    }
    const membranes = this.membranes(layer, layer.plane);
    this.cleared(layer, membranes, layer.plane);
    for (let t = 1; t <= this.T; t++) {
      this.integrate(layer, membranes, t, passage);
      passage.traces.answer(node.name, passage.image, t - 1, this.answer(node, layer, membranes, t));
    }
  }

  private readOutPlainly(node: ReadoutNode, layer: MembraneLayer, passage: Passage): void {
    const accumulator = new Accumulator(this.network, node, 1);
    const logits = new Float32Array(sizeOf(node.shape));
    for (let t = 1; t <= this.T; t++) {
      accumulator.step(t, this.currents(layer, t, passage), logits);
      passage.traces.answer(node.name, passage.image, t - 1, logits);
    }
  }

  private answer(node: ReadoutNode, { plane }: MembraneLayer, { h }: Membranes, t: number): Float32Array {
    if (!this.integer) return this.read(plane, h[0]!, node.shape);
    const sum = new Float64Array(sizeOf(node.shape));
    membraneSum(
      sum,
      membraneSumOf(this.network, node, 1),
      this.wholes(plane, h, node.shape),
      biasShare(t, this.T, this.beta),
    );
    return Float32Array.from(sum);
  }

  private keepState(
    node: NeuronNode,
    layer: MembraneLayer,
    { h, g }: Membranes,
    plane: Plane,
    passage: Passage,
    largest: readonly number[],
  ): void {
    const parameters = tsaParameters(this.network, node, 1);
    const size = sizeOf(node.shape);
    if (!this.integer) {
      const end = windowEnd(
        parameters,
        this.read(layer.plane, h[0]!, node.potentialShape),
        this.read(plane, g, node.shape),
      );
      passage.traces.state(node.name, passage.image, end, []);
      return;
    }
    const u = new Float64Array(sizeOf(node.potentialShape));
    const sums = membraneSumOf(this.network, node, 1);
    membraneSum(
      u,
      sums,
      this.wholes(layer.plane, h, node.potentialShape),
      biasShare(this.T + node.Ts, this.T, this.beta),
    );
    const emitted = fromMemory(plane, this.arena.doubles(g, lengthOf(plane)), new Float64Array(size));
    passage.traces.state(node.name, passage.image, windowEnd(parameters, u, emitted), largest);
  }

  /** The largest |h| of each source so far. */
  private measured({ plane }: MembraneLayer, { h }: Membranes, largest: number[]): void {
    h.forEach((at, k) => {
      for (const value of this.arena.ints(at, lengthOf(plane)))
        largest[k] = Math.max(largest[k]!, Math.abs(value));
    });
  }

  private read(plane: Plane, at: number, shape: readonly number[]): Float32Array {
    return fromMemory(plane, this.arena.floats(at, lengthOf(plane)), new Float32Array(sizeOf(shape)));
  }

  private wholes(plane: Plane, h: readonly number[], shape: readonly number[]): Float64Array[] {
    return h.map((at) =>
      fromMemory(plane, this.arena.ints(at, lengthOf(plane)), new Float64Array(sizeOf(shape))),
    );
  }

  private cleared(layer: MembraneLayer, { h, g }: Membranes, plane: Plane): void {
    for (const at of h) this.kernels.clear(at, 4 * lengthOf(layer.plane));
    this.kernels.clear(g, this.bytes() * lengthOf(plane));
  }

  /** Bytes of a potential. */
  private bytes(): number {
    return this.integer ? 8 : 4;
  }

  private membranes({ plane, inflows }: MembraneLayer, neurons: Plane): Membranes {
    const one = aligned(4 * lengthOf(plane));
    const h = inflows.map((_, k) => this.scratch + k * one);
    const u = this.scratch + h.length * one;
    const pooled = u + aligned(8 * lengthOf(plane));
    return { h, u, pooled, g: pooled + aligned(this.bytes() * lengthOf(neurons)) };
  }

  private scratchBytes(node: Network['nodes'][number]): number {
    const plane = this.builder.planeOf(node.shape);
    const potentials =
      node.kind === 'neuron' ? lengthOf(this.builder.planeOf(node.potentialShape)) : lengthOf(plane);
    const sources = node.kind === 'encoder' || node.kind === 'linear' ? 2 : node.sources.length;
    return (4 * sources + 8) * (potentials + 16) + 2 * this.bytes() * (lengthOf(plane) + 16);
  }
}

/** A readout may be called like a layer of neurons. */
function keyOf({ kind, name }: NeuronNode | ReadoutNode | DecoderNode): string {
  return `${kind} ${name}`;
}

function aligned(bytes: number): number {
  return (bytes + 15) & ~15;
}

/** A window as kernels take it; one element where there is none. */
function geometryOf(window: Window | null) {
  if (window === null) return [1, 1, 1, 1, 1, 1, 0, 0] as const;
  const { kernel, strides, dilations, padsBegin } = window;
  return [
    ...([kernel[0]!, kernel[1]!, strides[0]!, strides[1]!] as const),
    ...([dilations[0]!, dilations[1]!, padsBegin[0]!, padsBegin[1]!] as const),
  ] as const;
}
