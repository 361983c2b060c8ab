// The membranes of the layer at work: where they lie, what flows into them at a step, and what they hold.
import { biasShare } from '../../neurons/tsa.ts';
import { type MembraneSum, membraneSum } from '../../neurons/tsa-integer.ts';
import type { MembraneInput, Network, NeuronNode, ReadoutNode } from '../../snn/network/network.ts';
import { membraneSumOf } from '../../snn/network/population.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { Arena } from './arena.ts';
import { geometryOf } from './geometry.ts';
import { type Kernels, SLACK_BYTES } from './kernels.ts';
import { type MembraneLayer, type Path, type Spread, windowBytes } from './layers.ts';
import { fromMemory, lengthOf, type Plane } from './plane.ts';
import type { Emission, Opening } from './synapses.ts';

const { fround } = Math;

const NO_BIAS: Opening['bias'] = { at: 0, stride: 0 };

/** Where a source's membrane and the worth of its units lie. */
type Source = readonly [h: number, scale: number];

const NO_SOURCE: Source = [0, 0];

/** What every spiking value carries at each step; null where it is silent. */
export type Trains = ReadonlyMap<string, readonly (Emission | null)[]>;

/** One layer's membranes in memory. */
export interface Space {
  /** Accumulated input of each source. */
  readonly h: readonly number[];
  /** What is forecast of each, and its values at the three steps before, the latest first. */
  readonly forecast: readonly { readonly known: number; readonly history: number[] }[];
  /** Sums of integer sources in float64, pooled potentials, and accumulated output. */
  readonly u: number;
  readonly pooled: number;
  readonly g: number;
}

/** Membranes of one layer after the other, all in the same place. */
export class Membranes {
  /** Where they begin; an encoder's membrane too. */
  readonly scratch: number;
  /** Lists of a step without spikes, for as many positions as the largest layer has. */
  readonly silent: number;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly kernels: Kernels;
  private readonly integer: boolean;
  /** Scratch of fireI32. */
  readonly singles: number;
  /** Scratch that a window lists rows in. */
  private readonly list: number;
  /** Where currents lie that are computed elsewhere. */
  private readonly given: number;
  private readonly sums = new Map<NeuronNode | ReadoutNode, MembraneSum>();

  /**
   * @param planes of everything that emits or accumulates
   * @param layers all that add something up
   */
  constructor(
    network: Network,
    arena: Arena,
    kernels: Kernels,
    planes: readonly Plane[],
    layers: readonly MembraneLayer[],
  ) {
    this.network = network;
    this.arena = arena;
    this.kernels = kernels;
    this.integer = network.arithmetic === 'integer';
    const longest = Math.max(...planes.map(lengthOf));
    const sources = Math.max(...layers.map(({ inflows }) => inflows.length));
    const given = layers.filter(({ inflows }) => inflows.some((inflow) => inflow.given !== null));
    this.given = arena.take(
      Math.max(0, ...given.map(({ plane, inflows }) => inflows.length * windowBytes(plane, network))),
    );
    this.silent = arena.put(new Int32Array(Math.max(...planes.map(({ positions }) => positions)) + 1));
    this.list = arena.take(2 * SLACK_BYTES);
    this.singles = arena.take(8 * 4 * Math.max(...planes.map(({ stride }) => stride)));
    // h of every source, its history and forecast, u in float64, pooled and g.
    const each = network.nodes.some((node) => node.kind === 'neuron' && node.forecast !== undefined) ? 20 : 4;
    this.scratch = arena.take((each * Math.max(2, sources) + 8 + 2 * this.bytes()) * (longest + 16));
  }

  /** The cleared membranes of a layer that emits in the plane `neurons`. */
  opened({ plane, inflows, forecast: factors }: MembraneLayer, neurons: Plane): Space {
    const one = aligned(4 * lengthOf(plane));
    // A membrane is followed by its history and its forecast where it has one.
    const each = factors === null ? 1 : 5;
    const at = (k: number, i: number) => this.scratch + (k * each + i) * one;
    const h = inflows.map((_, k) => at(k, 0));
    const forecast = inflows.map((_, k) => ({ known: at(k, 4), history: [at(k, 1), at(k, 2), at(k, 3)] }));
    const u = at(h.length, 0);
    const pooled = u + aligned(8 * lengthOf(plane));
    const g = pooled + aligned(this.bytes() * lengthOf(neurons));
    this.kernels.clear(this.scratch, u - this.scratch);
    this.kernels.clear(g, this.bytes() * lengthOf(neurons));
    return { h, forecast, u, pooled, g };
  }

  /** h = beta h + what arrives at step t of the window, for every source; nothing but amplification in the tail. */
  integrate(layer: MembraneLayer, { h, forecast }: Space, t: number, trains: Trains): void {
    const { T, beta } = this.network.coding;
    h.forEach((at, k) => {
      const step = t + layer.inflows[k]!.ahead;
      if (step < 1) return;
      this.arrive(layer, k, at, step, trains, beta);
      if (layer.forecast === null || step >= T) return;
      const { known, history } = forecast[k]!;
      const [before, earlier, earliest] = history as [number, number, number];
      this.kernels.forecastI32(
        ...([known, at, before, earlier, earliest, lengthOf(layer.plane)] as const),
        ...layer.forecast,
      );
      history.unshift(history.pop()!);
    });
  }

  /** Room for the currents of one source of a layer over its window, in memory order: [T][positions][stride]. */
  room({ plane, inflows }: MembraneLayer, k: number): Float32Array | Int32Array {
    const at = this.given + inflows[k]!.given!;
    const length = this.network.coding.T * lengthOf(plane);
    return this.integer ? this.arena.ints(at, length) : this.arena.floats(at, length);
  }

  /** What an integer layer knows of its sources at step t: membranes or their forecasts, and what a unit of them is worth. */
  known({ inflows, forecast: factors }: MembraneLayer, { h, forecast }: Space, t: number) {
    const { T } = this.network.coding;
    const sources = inflows.map(({ scale, forecastScale, ahead }, k) =>
      factors !== null && t + ahead < T
        ? ([forecast[k]!.known, forecastScale] as const)
        : ([h[k]!, scale] as const),
    );
    const [[h0, s0], [h1, s1] = NO_SOURCE, [h2, s2] = NO_SOURCE, [h3, s3] = NO_SOURCE] =
      sources as unknown as readonly [Source, Source?, Source?, Source?];
    return [sources.length, h0, h1, h2, h3, s0, s1, s2, s3] as const;
  }

  /** The currents of one step of the window alone, [C, H, W] for each source, of later steps where one runs ahead. */
  currents(layer: MembraneLayer, t: number, trains: Trains): (Float32Array | Float64Array)[] {
    return layer.node.sources.map(({ aheadSteps = 0 }: MembraneInput, k) => {
      this.kernels.clear(this.scratch, 4 * lengthOf(layer.plane));
      if (t + aheadSteps >= 1) this.arrive(layer, k, this.scratch, t + aheadSteps, trains, 0);
      return this.read(layer, this.scratch);
    });
  }

  /** u = the sum of an integer layer's sources at step t, in memory. */
  sum(layer: MembraneLayer, space: Space, t: number): void {
    const { T, beta } = this.network.coding;
    const { plane, bias } = layer;
    this.kernels.sumI32(
      ...([space.u, plane.positions, plane.stride, ...this.known(layer, space, t)] as const),
      ...([bias?.at ?? 0, bias?.stride ?? 0, biasShare(t, T, beta)] as const),
    );
  }

  /** The potential at step t, [C, H, W]: h, or the sum of an integer layer's sources. */
  potential(layer: MembraneLayer, { h }: Space, t: number): Float32Array | Float64Array {
    const sources = h.map((at, k) => this.atWindow(this.read(layer, at), layer.inflows[k]!.ahead));
    if (!this.integer || layer.node.kind === 'decoder') return sources[0]!;
    const { T, beta } = this.network.coding;
    const sum = new Float64Array(sources[0]!.length);
    membraneSum(sum, this.sumOf(layer.node), sources as Float64Array[], biasShare(t, T, beta));
    return sum;
  }

  private sumOf(node: NeuronNode | ReadoutNode): MembraneSum {
    const sum = this.sums.get(node) ?? membraneSumOf(this.network, node, 1);
    this.sums.set(node, sum);
    return sum;
  }

  /** A membrane that runs ahead of the window at the window's scale. */
  private atWindow(h: Float32Array | Float64Array, ahead: number): Float32Array | Float64Array {
    return ahead === 0 ? h : h.map((value) => value * 2 ** -ahead);
  }

  /** What a layer of neurons has emitted, [C, H, W]. */
  emitted({ shape }: NeuronNode, plane: Plane, { g }: Space, fused: boolean): Float32Array | Float64Array {
    const from =
      this.integer && !fused ? this.arena.doubles(g, lengthOf(plane)) : this.arena.floats(g, lengthOf(plane));
    return fromMemory(
      plane,
      from,
      this.integer ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape)),
    );
  }

  /** Raises `largest` to the largest |h| of each source. */
  measure({ plane }: MembraneLayer, { h }: Space, largest: number[]): void {
    h.forEach((at, k) => {
      const most = this.arena
        .ints(at, lengthOf(plane))
        .reduce((so, value) => Math.max(so, Math.abs(value)), 0);
      largest[k] = Math.max(largest[k]!, most);
    });
  }

  private arrive(
    layer: MembraneLayer,
    k: number,
    h: number,
    t: number,
    trains: Trains,
    factor: number,
  ): void {
    const { kernels, integer } = this;
    const { plane, inflows } = layer;
    const { paths, given } = inflows[k]!;
    const elements = lengthOf(plane);
    const membrane = { h, plane, elements };
    const beta = fround(factor);
    const flows = t <= this.network.coding.T;
    const current = given === null || !flows ? null : this.given + given + (t - 1) * 4 * elements;
    // What is given flows in as a bias does.
    const bias = current === null ? inflows[k]!.bias : { at: current, stride: plane.stride };
    const arriving = (path: Path) => (flows ? trains.get(path.source)![t - 1]! : null);
    const opener = paths.find((path) => path.synapses.opens && arriving(path) !== null);
    if (opener !== undefined)
      opener.synapses.add(arriving(opener)!, membrane, { beta, bias: bias ?? NO_BIAS });
    else if (integer) kernels.doubleI32(h, elements);
    else if (flows && bias !== null) this.amplifyWithBias(plane, h, beta, bias);
    else kernels.scaleF32(h, elements, beta);
    if (integer && current !== null) this.addWhole(h, current, elements);
    for (const path of paths) {
      const emission = path === opener ? null : arriving(path);
      if (emission !== null) path.synapses.add(emission, membrane, null);
    }
  }

  /** Adds an integer network's given currents: in plain TypeScript, since 8-bit kernels seldom leave a layer to others. */
  private addWhole(h: number, current: number, elements: number): void {
    const [membrane, z] = [this.arena.ints(h, elements), this.arena.ints(current, elements)];
    for (let i = 0; i < elements; i++) membrane[i]! += z[i]!;
  }

  /** h = beta h + bias: a window that sees silence. */
  private amplifyWithBias({ height, width, stride }: Plane, h: number, beta: number, bias: Spread): void {
    this.kernels.gatherF32(
      ...([this.silent, this.silent, height, width, 1, this.silent, stride, h, height, width] as const),
      ...geometryOf(null),
      ...([this.list, beta, 1, bias.at, bias.stride] as const),
    );
  }

  private read({ plane, node }: MembraneLayer, at: number): Float32Array | Float64Array {
    const size = sizeOf(node.kind === 'neuron' ? node.potentialShape : node.shape);
    return this.integer
      ? fromMemory(plane, this.arena.ints(at, lengthOf(plane)), new Float64Array(size))
      : fromMemory(plane, this.arena.floats(at, lengthOf(plane)), new Float32Array(size));
  }

  /** Bytes of a potential that neurons compare. */
  private bytes(): number {
    return this.integer ? 8 : 4;
  }
}

/** The next multiple of 16. */
export function aligned(bytes: number): number {
  return (bytes + 15) & ~15;
}
