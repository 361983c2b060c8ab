// The membranes of the layer at work: where they lie, what flows into them at a step, and what they hold.
import { biasShare } from '../../neurons/tsa.ts';
import { membraneSum } from '../../neurons/tsa-integer.ts';
import type { MembraneInput, Network, NeuronNode } from '../../snn/network/network.ts';
import { membraneSumOf } from '../../snn/network/population.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { Arena } from './arena.ts';
import { geometryOf } from './geometry.ts';
import { type Kernels, SLACK_BYTES } from './kernels.ts';
import { type MembraneLayer, type Spread, windowBytes } from './layers.ts';
import { fromMemory, lengthOf, type Plane } from './plane.ts';
import type { Emission, Opening } from './synapses.ts';

const { fround } = Math;

const NO_BIAS: Opening['bias'] = { at: 0, stride: 0 };

/** What every spiking value carries at each step; null where it is silent. */
export type Trains = ReadonlyMap<string, readonly (Emission | null)[]>;

/** One layer's membranes in memory. */
export interface Space {
  /** Accumulated input of each source. */
  readonly h: readonly number[];
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
  /** Scratch that a window lists rows in. */
  private readonly list: number;
  /** Where currents lie that are computed elsewhere. */
  private readonly given: number;

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
    // h of every source, u in float64, pooled and g.
    this.scratch = arena.take((4 * Math.max(2, sources) + 8 + 2 * this.bytes()) * (longest + 16));
  }

  /** The cleared membranes of a layer that emits in the plane `neurons`. */
  opened({ plane, inflows }: MembraneLayer, neurons: Plane): Space {
    const one = aligned(4 * lengthOf(plane));
    const h = inflows.map((_, k) => this.scratch + k * one);
    const u = this.scratch + h.length * one;
    const pooled = u + aligned(8 * lengthOf(plane));
    const g = pooled + aligned(this.bytes() * lengthOf(neurons));
    this.kernels.clear(this.scratch, h.length * one);
    this.kernels.clear(g, this.bytes() * lengthOf(neurons));
    return { h, u, pooled, g };
  }

  /** h = beta h + what arrives at step t, for every source; nothing but amplification in the tail. */
  integrate(layer: MembraneLayer, { h }: Space, t: number, trains: Trains): void {
    h.forEach((at, k) => {
      this.arrive(layer, k, at, t, trains, this.network.coding.beta);
    });
  }

  /** Room for the currents of one source of a layer over its window, in memory order: [T][positions][stride]. */
  room({ plane, inflows }: MembraneLayer, k: number): Float32Array | Int32Array {
    const at = this.given + inflows[k]!.given!;
    const length = this.network.coding.T * lengthOf(plane);
    return this.integer ? this.arena.ints(at, length) : this.arena.floats(at, length);
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
  sum({ inflows, plane, bias }: MembraneLayer, { h, u }: Space, t: number): void {
    const { T, beta } = this.network.coding;
    const [h0, h1 = 0, h2 = 0, h3 = 0] = h;
    const [s0, s1 = 0, s2 = 0, s3 = 0] = inflows.map(({ scale }) => scale);
    this.kernels.sumI32(
      ...([u, plane.positions, plane.stride, h.length, h0!, h1, h2, h3, s0!, s1, s2, s3] as const),
      ...([bias?.at ?? 0, bias?.stride ?? 0, biasShare(t, T, beta)] as const),
    );
  }

  /** The potential at step t, [C, H, W]: h, or the sum of an integer layer's sources. */
  potential(layer: MembraneLayer, { h }: Space, t: number): Float32Array | Float64Array {
    const sources = h.map((at) => this.read(layer, at));
    if (!this.integer || layer.node.kind === 'decoder') return sources[0]!;
    const { T, beta } = this.network.coding;
    const sum = new Float64Array(sources[0]!.length);
    membraneSum(
      sum,
      membraneSumOf(this.network, layer.node, 1),
      sources as Float64Array[],
      biasShare(t, T, beta),
    );
    return sum;
  }

  /** What a layer of neurons has emitted, [C, H, W]. */
  emitted({ shape }: NeuronNode, plane: Plane, { g }: Space): Float32Array | Float64Array {
    return this.integer
      ? fromMemory(plane, this.arena.doubles(g, lengthOf(plane)), new Float64Array(sizeOf(shape)))
      : fromMemory(plane, this.arena.floats(g, lengthOf(plane)), new Float32Array(sizeOf(shape)));
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
    const arriving = paths.flatMap(({ source, synapses }) => {
      const emission = flows ? trains.get(source)![t - 1]! : null;
      return emission === null ? [] : [{ emission, synapses }];
    });
    const opener = arriving.find(({ synapses }) => synapses.opens);
    if (opener !== undefined) opener.synapses.add(opener.emission, membrane, { beta, bias: bias ?? NO_BIAS });
    else if (integer) kernels.doubleI32(h, elements);
    else if (flows && bias !== null) this.amplifyWithBias(plane, h, beta, bias);
    else kernels.scaleF32(h, elements, beta);
    if (integer && current !== null) this.addWhole(h, current, elements);
    for (const arrival of arriving) {
      if (arrival !== opener) arrival.synapses.add(arrival.emission, membrane, null);
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
