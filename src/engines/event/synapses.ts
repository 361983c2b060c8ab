// Connections laid out in the kernels' memory: what a step of spikes adds to a layer's membranes.
import { opNamed } from '../../ops/index.ts';
import { type Network, shapesOf } from '../../snn/network/network.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Arena } from './arena.ts';
import type {
  AverageConnection,
  Connection,
  ConvConnection,
  PlainConnection,
  TableConnection,
} from './connections.ts';
import { geometryOf } from './geometry.ts';
import {
  averageWeights,
  columnWeightsF32,
  columnWeightsI8,
  gatherWeightsF32,
  gatherWeightsI8,
  scatterWeights,
} from './kernel-weights.ts';
import { type Kernels, SLACK_BYTES } from './kernels.ts';
import { eachSpike, masksLength } from './masks.ts';
import { elementAt, type Plane, planeOf, strideStep } from './plane.ts';
import { type RowCodings, walksColumns } from './row-codings.ts';
import { asSkip, type Skip } from './skip-connection.ts';

/** What a layer emitted at one step: in memory where it spiked, or values [C, H, W] of an image that enters as it is. */
export interface Emission {
  readonly masks: number;
  readonly starts: number;
  readonly rows: number;
  /** Values that are no spikes; null where they are. */
  readonly values: Float32Array | null;
}

const NOTHING: Opening = { beta: 1, bias: { at: 0, stride: 0 } };

/** A membrane of one source: float32, or int32 in an integer network. */
export interface Membrane {
  readonly h: number;
  readonly plane: Plane;
  readonly elements: number;
}

/** What a membrane does at a step besides adding spikes: h = beta h + bias. */
export interface Opening {
  readonly beta: number;
  /** float32 bias: one vector, or one for each position (`stride` elements apart); at 0 where there is none. */
  readonly bias: { readonly at: number; readonly stride: number };
}

/** What one source sends to a membrane at a step. */
export interface Synapses {
  /** Whether it can open the step in the same pass over the membrane. */
  readonly opens: boolean;
  /** Adds a step's spikes; `opening` is null unless it opens the step. */
  add(emission: Emission, membrane: Membrane, opening: Opening | null): void;
}

/** Builds the synapses of one network in one memory. */
export class SynapseBuilder {
  private readonly network: Network;
  private readonly arena: Arena;
  private readonly kernels: Kernels;
  private readonly integer: boolean;
  private readonly codings: RowCodings;
  /** Elements that a plane's stride is a multiple of. */
  readonly step: number;
  /** Scratch for the rows that one window sees. */
  private list = 0;
  private listBytes = 0;

  /** @param codings how each source's spikes are listed */
  constructor(network: Network, arena: Arena, kernels: Kernels, codings: RowCodings) {
    this.network = network;
    this.arena = arena;
    this.kernels = kernels;
    this.codings = codings;
    this.integer = network.arithmetic === 'integer';
    this.step = strideStep(network);
  }

  build(connection: Connection, target: Plane): Synapses {
    const shape = shapesOf(this.network).get(connection.source)!;
    const source = planeOf(shape, this.step);
    switch (connection.kind) {
      case 'conv':
        return connection.group === 1
          ? this.gather(connection, source, target)
          : this.scatter(connection, source, target);
      case 'average':
        return this.average(connection, source, target);
      case 'table': {
        const skip = asSkip(connection, source, target);
        if (skip !== null) return this.skip(skip, source, target);
        return isOneToOne(connection)
          ? this.oneToOne(connection, source, target)
          : this.table(connection, source, target);
      }
      case 'plain':
        return this.plain(connection, source, target);
    }
  }

  private gather(connection: ConvConnection, source: Plane, target: Plane): Synapses {
    const { kernels, integer } = this;
    if (walksColumns(connection, integer)) return this.columns(connection, source, target);
    const { weights, window: w } = connection;
    const rowsOfSource = this.codings.get(connection.source)!.rows(source);
    const packed = this.arena.put(
      integer
        ? gatherWeightsI8(weights, rowsOfSource, target.stride)
        : gatherWeightsF32(weights, rowsOfSource, target.stride),
    );
    this.reserveList(w.kernel[0]! * w.kernel[1]! * source.channels * 4 + SLACK_BYTES);
    const geometry = geometryOf(w);
    const { height, width } = source;
    const perPosition = rowsOfSource.length;
    const add: Synapses['add'] = ({ starts, rows }, { h }, opening) => {
      const before = [starts, rows, height, width, perPosition, packed, target.stride, h] as const;
      const where = [w.output[0]!, w.output[1]!, ...geometry, this.list] as const;
      const first = opening === null ? 0 : 1;
      const { beta, bias } = opening ?? NOTHING;
      if (integer) kernels.gatherI8(...before, ...where, first);
      else kernels.gatherF32(...before, ...where, beta, first, bias.at, bias.stride);
    };
    return { opens: true, add };
  }

  private columns(
    { source: name, weights, window: w }: ConvConnection,
    source: Plane,
    target: Plane,
  ): Synapses {
    const { kernels, integer } = this;
    const rowsOfSource = this.codings.get(name)!.rows(source);
    const packed = this.arena.put(
      integer ? columnWeightsI8(weights, rowsOfSource) : columnWeightsF32(weights, rowsOfSource),
    );
    const { height, width } = source;
    const perPosition = rowsOfSource.length;
    const [widthOut, kernelWidth, stride, pad] = [w.output[1]!, w.kernel[1]!, w.strides[1]!, w.padsBegin[1]!];
    const add: Synapses['add'] = ({ starts, rows }, { h }, opening) => {
      const first = opening === null ? 0 : 1;
      const { beta, bias } = opening ?? NOTHING;
      // Arguments are written out: spread from arrays they take longer than small layers do (kernels.ts).
      // biome-ignore format: one argument beside the other
      if (integer) kernels.columnsI8(
        starts, rows, height, width, perPosition, packed, target.stride, h,
        widthOut, kernelWidth, stride, pad, first,
      );
      else kernels.columnsF32(
        starts, rows, height, width, perPosition, packed, target.stride, h,
        widthOut, kernelWidth, stride, pad, beta, first, bias.at, bias.stride,
      );
    };
    return { opens: true, add };
  }

  private scatter({ weights, window: w, group }: ConvConnection, source: Plane, target: Plane): Synapses {
    const { kernels, integer } = this;
    const packed = this.arena.put(scatterWeights(weights, group));
    const perGroup = target.channels / group;
    const geometry = geometryOf(w);
    const run = integer ? kernels.scatterI8 : kernels.scatterF32;
    const add: Synapses['add'] = ({ starts, rows }, { h }) => {
      run(
        ...([starts, rows, source.height, source.width, source.channels, group, packed, perGroup] as const),
        ...([target.stride, h, w.output[0]!, w.output[1]!, ...geometry] as const),
      );
    };
    return { opens: false, add };
  }

  private average({ weights }: AverageConnection, source: Plane, target: Plane): Synapses {
    const { kernels } = this;
    const packed = this.arena.put(averageWeights(weights, source.stride, target.stride));
    const quads = source.stride / 4;
    const add: Synapses['add'] = ({ masks }, { h }) =>
      kernels.averageF32(masks, source.positions, quads, packed, target.stride, h);
    return { opens: false, add };
  }

  private skip({ strides, offset, weights, whole }: Skip, source: Plane, target: Plane): Synapses {
    const { kernels, integer } = this;
    const at = this.arena.put(integer ? Int32Array.from(weights) : Float32Array.from(weights));
    const quads = source.stride / 4;
    const add: Synapses['add'] = ({ masks }, { h }, opening) => {
      const seen = [masks, source.width, quads, h, target.height, target.width, target.stride] as const;
      if (integer) kernels.skipI32(...seen, ...strides, offset, at, opening === null ? 0 : 1);
      else kernels.skipF32(...seen, ...strides, offset, at);
    };
    return { opens: integer && whole, add };
  }

  private oneToOne(connection: TableConnection, source: Plane, target: Plane): Synapses {
    const { kernels, integer, arena } = this;
    const { positions, channels } = source;
    const targets = new Int32Array(2 * positions * channels);
    const weights = integer ? new Int32Array(targets.length) : new Float32Array(targets.length);
    for (let p = 0; p < positions; p++) {
      for (let c = 0; c < channels; c++) {
        const k = connection.starts[c * positions + p]!;
        if (k === connection.starts[c * positions + p + 1]) continue;
        const row = 2 * channels * p + c;
        targets[row] = targets[row + channels] = elementAt(target, connection.targets[k]!);
        weights[row] = connection.weights[k]!;
        weights[row + channels] = -connection.weights[k]!;
      }
    }
    const [t, w] = [arena.put(targets), arena.put(weights)];
    const run = integer ? kernels.oneToOneI32 : kernels.oneToOneF32;
    const add: Synapses['add'] = ({ starts, rows }, { h }) => run(starts, rows, positions, t, w, h);
    return { opens: false, add };
  }

  private table(connection: TableConnection, source: Plane, target: Plane): Synapses {
    const { kernels, integer, arena } = this;
    const elements = source.positions * source.channels;
    const offsets = new Int32Array(elements + 1);
    const targets = new Int32Array(connection.targets.length);
    const weights = integer ? new Int32Array(targets.length) : new Float32Array(targets.length);
    let at = 0;
    for (let p = 0; p < source.positions; p++) {
      for (let c = 0; c < source.channels; c++) {
        const element = c * source.positions + p;
        for (let k = connection.starts[element]!; k < connection.starts[element + 1]!; k++) {
          targets[at] = elementAt(target, connection.targets[k]!);
          weights[at++] = connection.weights[k]!;
        }
        offsets[p * source.channels + c + 1] = at;
      }
    }
    const [o, t, w] = [arena.put(offsets), arena.put(targets), arena.put(weights)];
    const run = integer ? kernels.tableI32 : kernels.tableF32;
    const add: Synapses['add'] = ({ starts, rows }, { h }) => {
      run(starts, rows, source.positions, source.channels, o, t, w, h);
    };
    return { opens: false, add };
  }

  /** The nodes themselves on dense values, biases left out: slow, and right for whatever no kernel walks. */
  private plain({ path, source: name }: PlainConnection, source: Plane, target: Plane): Synapses {
    const shape = shapesOf(this.network).get(name)!;
    const add: Synapses['add'] = (emission, { h, elements }) => {
      const dense = emission.values ?? this.denseOf(emission, source);
      let value: Tensor = { ...tensor(this.integer ? 'float64' : 'float32', [1, ...shape], dense) };
      for (const { node, operand: index } of path) {
        const weighted = opNamed(node.op)!.role === 'weighted';
        const sources = weighted ? node.sources.slice(0, 2) : node.sources;
        const operands = sources.map((operand, i) => {
          if ('constant' in operand) return this.network.constants.get(operand.constant)!;
          // Other branches of a join are silent: each path is walked by itself.
          if (i === index) return value;
          return tensor(value.dtype, [1, ...shapesOf(this.network).get(operand.value)!]);
        });
        value = opNamed(node.op)!.evaluate(node.attributes, operands)[0]!;
      }
      const membrane = this.integer ? this.arena.ints(h, elements) : this.arena.floats(h, elements);
      for (let i = 0; i < value.data.length; i++) membrane[elementAt(target, i)]! += value.data[i]!;
    };
    return { opens: false, add };
  }

  /** Spikes as -1, 0 and 1, [C, H, W]. */
  private denseOf({ masks }: Emission, plane: Plane): Float32Array {
    const dense = new Float32Array(plane.channels * plane.positions);
    eachSpike(this.arena.octets(masks, masksLength(plane)), plane, (position, channel, sign) => {
      dense[channel * plane.positions + position] = sign;
    });
    return dense;
  }

  private reserveList(bytes: number): void {
    if (bytes <= this.listBytes) return;
    this.list = this.arena.take(bytes);
    this.listBytes = bytes;
  }
}

function isOneToOne({ starts }: TableConnection): boolean {
  return starts.every((start, i) => i === 0 || start - starts[i - 1]! <= 1);
}
