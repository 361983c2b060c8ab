// The nodes of a network that emit, accumulate or answer, laid out in the kernels' memory.

import { currentBounds, membraneBound } from '../../snn/network/current-bounds.ts';
import {
  type Network,
  type NeuronNode,
  type ReadoutNode,
  shapesOf,
  spikingLayers,
} from '../../snn/network/network.ts';
import { channelsFirst } from '../../snn/network/population.ts';
import { broadcastIndex } from '../../tensor/broadcast.ts';
import { type Shape, sizeOf } from '../../tensor/tensor.ts';
import type { Arena } from './arena.ts';
import { type Connection, ConnectionFinder } from './connections.ts';
import { ConstantCurrents } from './constant-currents.ts';
import { FIRE_MODES, type Kernels } from './kernels.ts';
import { hasMembranes, type MembraneNode, membraneKey } from './membrane-node.ts';
import { lengthOf, type Plane, planeOf, strideStep, toMemory } from './plane.ts';
import { type RowCodings, rowCodings } from './row-codings.ts';
import { SynapseBuilder, type Synapses } from './synapses.ts';

/** A vector for all positions, or one for each: how far apart they lie in elements, 0 for one. */
export interface Spread {
  readonly at: number;
  readonly stride: number;
}

/** What the spikes of a value are sent through. */
export interface Path {
  readonly source: string;
  readonly synapses: Synapses;
}

/** One source of a membrane: what its spikes are sent through, and the constant current beside them. */
export interface Inflow {
  readonly paths: readonly Path[];
  /** Float32 networks; null where there is none. */
  readonly bias: Spread | null;
  /** Where its currents lie, biases in them, if somebody else computes them: bytes behind those of the source before; or null. */
  readonly given: number | null;
  /** Integer networks: what one unit of the membrane is worth, float64 for each channel, and one of what is forecast. */
  readonly scale: number;
  readonly forecastScale: number;
  /** Steps by which it runs ahead of the window. */
  readonly ahead: number;
}

/** What a node adds up. */
export interface MembraneLayer {
  readonly node: MembraneNode;
  /** Potentials of one image. */
  readonly plane: Plane;
  readonly inflows: readonly Inflow[];
  /** Integer networks: the bias of a window, float64. */
  readonly bias: Spread | null;
  /** Integer networks: whether membranes might leave int32; then they accumulate in float64, outside the kernels. */
  readonly wide: boolean;
  /** Factors of a membrane and of its values at the three steps before that make up its forecast; null without one. */
  readonly forecast: Forecast | null;
}

export type Forecast = readonly [now: number, before: number, earlier: number, earliest: number];

/** What one unit of a membrane is in a forecast: shares are given in 64ths. */
const FORECAST_UNIT = 64;
/** Shares that a forecast may have. */
const MOST_SHARES = 3;

/** How neurons fire where kernels can do it. */
export interface Firing {
  readonly mode: number;
  readonly low: number;
  readonly high: number;
  /** Scale and shift behind a max-pool, in the type of the membranes; null where there are none. */
  readonly affine: { readonly scale: number; readonly shift: number } | null;
  /** Integer networks: whether fireI32 can do it; g is float32 then. */
  readonly fused: boolean;
}

/** Bytes of one source's currents over a window: float32, or int32 in an integer network. */
export function windowBytes(plane: Plane, { coding }: Network): number {
  return 4 * coding.T * lengthOf(plane);
}

/** Lays out the layers of one network. */
export class LayerBuilder {
  /** How the spikes of each value are listed. */
  readonly codings: RowCodings;
  private readonly synapses: SynapseBuilder;
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly given: ReadonlySet<string>;
  /** Into each source of the layers that are not given. */
  private readonly connections: ReadonlyMap<string, readonly (readonly Connection[])[]>;
  private readonly constants: ConstantCurrents;
  private readonly integer: boolean;
  private readonly bounds: ReadonlyMap<string, number>;

  /** @param given keys of the layers whose currents are computed elsewhere: for these no synapses are laid out */
  constructor(network: Network, arena: Arena, kernels: Kernels, given: ReadonlySet<string>) {
    this.network = network;
    this.arena = arena;
    this.given = given;
    this.integer = network.arithmetic === 'integer';
    const finder = new ConnectionFinder(network);
    const walked = network.nodes.filter(hasMembranes).filter((node) => !given.has(membraneKey(node)));
    this.connections = new Map(
      walked.map((node) => [membraneKey(node), node.sources.map(({ value }) => finder.into(value))]),
    );
    const shapes = shapesOf(network);
    this.codings = rowCodings(
      network,
      new Map(spikingLayers(network).map(({ output }) => [output, this.planeOf(shapes.get(output)!)])),
      walked.flatMap((node) =>
        this.connections
          .get(membraneKey(node))!
          .flat()
          .map((connection) => ({ connection, target: this.planeOf(potentialShape(node)) })),
      ),
    );
    this.synapses = new SynapseBuilder(network, arena, kernels, this.codings);
    this.constants = new ConstantCurrents(network);
    this.bounds = this.integer ? currentBounds(network) : new Map();
  }

  planeOf(shape: Shape): Plane {
    return planeOf(shape, strideStep(this.network));
  }

  membrane(node: MembraneNode): MembraneLayer {
    const shape = potentialShape(node);
    const plane = this.planeOf(shape);
    const forecast = node.kind === 'neuron' ? forecastOf(node) : null;
    const given = this.given.has(membraneKey(node));
    const inflows = node.sources.map((source, k): Inflow => {
      const connections = given ? [] : this.connections.get(membraneKey(node))![k]!;
      const paths = connections.map((connection) => ({
        source: connection.source,
        synapses: this.synapses.build(connection, plane),
      }));
      const constant = this.integer || given ? null : this.constants.of(source.value);
      const scale = 'scale' in source && source.scale !== undefined ? source.scale : null;
      const ahead = 'aheadSteps' in source ? (source.aheadSteps ?? 0) : 0;
      const unit = (share: number) =>
        scale === null
          ? 0
          : this.spread(
              this.repeated(scale, shape).map((value) => value * share),
              plane,
              'float64',
            ).at;
      return {
        paths,
        bias: constant === null ? null : this.spread(constant.data, plane, 'float32'),
        given: given ? k * windowBytes(plane, this.network) : null,
        // Powers of 2: exact.
        scale: unit(2 ** -ahead),
        forecastScale: forecast === null ? 0 : unit(2 ** -ahead / FORECAST_UNIT),
        ahead,
      };
    });
    const bias = node.kind === 'decoder' ? undefined : node.bias;
    return {
      node,
      plane,
      inflows,
      bias: bias === undefined ? null : this.spread(this.repeated(bias, shape), plane, 'float64'),
      wide: node.kind !== 'decoder' && this.leavesInt32(node),
      forecast,
    };
  }

  private leavesInt32(node: NeuronNode | ReadoutNode): boolean {
    if (!this.integer) return false;
    // A current is no larger than the membrane that it flows to.
    const most = node.kind === 'neuron' && node.forecast !== undefined ? 2 * FORECAST_UNIT : 1;
    return most * membraneBound(this.network, node, this.bounds) >= 2 ** 31;
  }

  /** Null where neurons track what no kernel does, or a number that differs within a channel. */
  firing(node: NeuronNode): Firing | null {
    const mode = {
      'tsa-identity': FIRE_MODES.identity,
      'tsa-relu': FIRE_MODES.relu,
      'tsa-clip': FIRE_MODES.bounds,
    }[node.neuron as string];
    const { low, high } = node.parameters ?? {};
    const names = [low, high].filter((name) => name !== undefined);
    const perChannel = names.every((name) => this.network.constants.get(name)!.shape.length <= 1);
    // Scales of integer sources that differ within a channel are no vector.
    const plain = node.sources.every(({ scale }) => scale === undefined || this.isPerChannel(scale));
    const rank = node.potentialShape.length;
    if (node.pool !== undefined && rank !== 3) return null;
    if (node.forecast !== undefined && forecastOf(node) === null) return null;
    if (this.leavesInt32(node)) return null;
    if (mode === undefined || node.product === true || !perChannel || !plain || node.sources.length > 4)
      return null;
    const plane = this.planeOf(node.shape);
    return {
      mode,
      low: this.perChannel(low, plane, Number.NEGATIVE_INFINITY),
      high: this.perChannel(high, plane, Number.POSITIVE_INFINITY),
      affine:
        node.affine === undefined
          ? null
          : {
              scale: this.perChannel(node.affine.scale, plane, 0),
              shift: this.perChannel(node.affine.shift, plane, 0),
            },
      fused:
        this.integer &&
        node.pool === undefined &&
        node.affine === undefined &&
        (node.bias === undefined || this.isPerChannel(node.bias)) &&
        this.network.coding.T + node.Ts < 24,
    };
  }

  private isPerChannel(name: string): boolean {
    return this.network.constants.get(name)!.shape.length <= 1;
  }

  /** A constant for each channel, padded; `open` where there is none. */
  private perChannel(name: string | undefined, { channels, stride }: Plane, open: number): number {
    const data = name === undefined ? [open] : this.network.constants.get(name)!.data;
    const padded = new (this.integer ? Float64Array : Float32Array)(stride);
    for (let c = 0; c < channels; c++) padded[c] = data[data.length === 1 ? 0 : c]!;
    return this.arena.put(padded);
  }

  /** A constant of the network for each element of an image. */
  private repeated(name: string, shape: Shape): Float64Array {
    const constant = this.network.constants.get(name)!;
    const index = broadcastIndex(channelsFirst(constant.shape, shape), shape);
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => constant.data[index[i]!]!);
  }

  /** Values [C, H, W] in memory order: one vector where all positions agree. */
  private spread(values: ArrayLike<number>, plane: Plane, dtype: 'float32' | 'float64'): Spread {
    const array = dtype === 'float32' ? Float32Array : Float64Array;
    const { positions, channels, stride } = plane;
    const alike = Array.from({ length: channels }, (_, c) => c).every((c) => {
      for (let p = 1; p < positions; p++) {
        if (values[c * positions + p] !== values[c * positions]) return false;
      }
      return true;
    });
    if (alike) {
      const vector = new array(stride);
      for (let c = 0; c < channels; c++) vector[c] = values[c * positions]!;
      return { at: this.arena.put(vector), stride: 0 };
    }
    const all = new array(lengthOf(plane));
    toMemory(plane, values, all);
    return { at: this.arena.put(all), stride };
  }
}

function potentialShape(node: MembraneNode): Shape {
  return node.kind === 'neuron' ? node.potentialShape : node.shape;
}

/** What the shares of the latest currents, differences of membranes, make of a membrane; null where no kernel does it. */
function forecastOf({ forecast }: NeuronNode): Forecast | null {
  if (forecast === undefined || forecast.length > MOST_SHARES) return null;
  const shares = forecast.map((share) => share * FORECAST_UNIT);
  if (!shares.every(Number.isInteger)) return null;
  const [first = 0, second = 0, third = 0] = shares;
  return [FORECAST_UNIT - first, 2 * first - second, 2 * second - third, 2 * third];
}
