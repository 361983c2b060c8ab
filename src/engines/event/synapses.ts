// Connections laid out in the kernels' memory: what a step of spikes adds to a layer's membranes.
import { opNamed } from '../../ops/index.ts';
import type { Window } from '../../ops/window.ts';
import { type Network, shapesOf } from '../../snn/network/network.ts';
import { type Tensor, tensor } from '../../tensor/tensor.ts';
import type { Arena } from './arena.ts';
import type { Connection, ConvConnection, PlainConnection, TableConnection } from './connections.ts';
import { geometryOf } from './geometry.ts';
import {
  COLUMN_LANES_F32,
  COLUMN_LANES_I8,
  columnWeightsF32,
  columnWeightsI8,
  gatherWeightsF32,
  gatherWeightsI8,
  scatterWeights,
} from './kernel-weights.ts';
import { type Kernels, SLACK_BYTES } from './kernels.ts';
import { elementAt, type Plane, planeOf } from './plane.ts';

/** What a layer emitted at one step: in memory where it spiked, or values [C, H, W] of an image that enters as it is. */
export interface Emission {
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
  /** Elements that a plane's stride is a multiple of. */
  readonly step: number;
  /** Scratch for the rows that one window sees. */
  private list = 0;
  private listBytes = 0;

  constructor(network: Network, arena: Arena, kernels: Kernels) {
    this.network = network;
    this.arena = arena;
    this.kernels = kernels;
    this.integer = network.arithmetic === 'integer';
    this.step = this.integer ? 8 : 4;
  }

  build(connection: Connection, target: Plane): Synapses {
    const shape = shapesOf(this.network).get(connection.source)!;
    const source = planeOf(shape, this.step);
    switch (connection.kind) {
      case 'conv':
        return connection.group === 1
          ? this.gather(connection, source, target)
          : this.scatter(connection, source, target);
      case 'table':
        return isOneToOne(connection)
          ? this.oneToOne(connection, source, target)
          : this.table(connection, source, target);
      case 'plain':
        return this.plain(connection, source, target);
    }
  }

  private gather({ weights, window: w }: ConvConnection, source: Plane, target: Plane): Synapses {
    const { kernels, integer } = this;
    if (isColumnar(w) && (integer ? fitsColumnsI8(weights) : fitsColumnsF32(weights)))
      return this.columns(weights, w, source, target);
    const packed = this.arena.put(
      integer ? gatherWeightsI8(weights, target.stride) : gatherWeightsF32(weights, target.stride),
    );
    this.reserveList(w.kernel[0]! * w.kernel[1]! * source.channels * 4 + SLACK_BYTES);
    const geometry = geometryOf(w);
    const { height, width, channels } = source;
    const add: Synapses['add'] = ({ starts, rows }, { h }, opening) => {
      const before = [starts, rows, height, width, channels, packed, target.stride, h] as const;
      const where = [w.output[0]!, w.output[1]!, ...geometry, this.list] as const;
      const first = opening === null ? 0 : 1;
      const { beta, bias } = opening ?? NOTHING;
      if (integer) kernels.gatherI8(...before, ...where, first);
      else kernels.gatherF32(...before, ...where, beta, first, bias.at, bias.stride);
    };
    return { opens: true, add };
  }

  private columns(weights: Tensor, w: Window, source: Plane, target: Plane): Synapses {
    const { kernels, integer } = this;
    const packed = this.arena.put(integer ? columnWeightsI8(weights) : columnWeightsF32(weights));
    const { height, width, channels } = source;
    const where = [w.output[1]!, w.kernel[1]!, w.strides[1]!, w.padsBegin[1]!] as const;
    const add: Synapses['add'] = ({ starts, rows }, { h }, opening) => {
      const before = [starts, rows, height, width, channels, packed, target.stride, h] as const;
      const first = opening === null ? 0 : 1;
      const { beta, bias } = opening ?? NOTHING;
      if (integer) kernels.columnsI8(...before, ...where, first);
      else kernels.columnsF32(...before, ...where, beta, first, bias.at, bias.stride);
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
    if (isAlike(targets, weights, 2 * channels, target.stride)) {
      const [t, w] = [arena.put(targets.slice(0, 2 * channels)), arena.put(weights.slice(0, 2 * channels))];
      const run = integer ? kernels.channelwiseI32 : kernels.channelwiseF32;
      const bits = Math.log2(2 * channels);
      const add: Synapses['add'] = ({ starts, rows }, { h }) =>
        run(starts, rows, positions, bits, target.stride, t, w, h);
      return { opens: false, add };
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
  denseOf({ starts, rows }: Emission, { channels, positions }: Plane): Float32Array {
    const dense = new Float32Array(channels * positions);
    const begins = this.arena.ints(starts, positions + 1);
    const spikes = this.arena.ints(rows, begins[positions]!);
    for (let p = 0; p < positions; p++) {
      for (let k = begins[p]!; k < begins[p + 1]!; k++) {
        const row = spikes[k]! - 2 * channels * p;
        if (row < channels) dense[row * positions + p] = 1;
        else dense[(row - channels) * positions + p] = -1;
      }
    }
    return dense;
  }

  private reserveList(bytes: number): void {
    if (bytes <= this.listBytes) return;
    this.list = this.arena.take(bytes);
    this.listBytes = bytes;
  }
}

/** Whether the kernels that walk columns can walk it. */
function isColumnar({ input, output, kernel, strides, dilations, padsBegin }: Window): boolean {
  return (
    kernel[0] === 3 &&
    strides[0] === 1 &&
    padsBegin[0] === 1 &&
    output[0] === input[0] &&
    dilations.every((dilation) => dilation === 1)
  );
}

function fitsColumnsF32({ shape }: Tensor): boolean {
  return shape[0]! % COLUMN_LANES_F32 === 0;
}

/** Whether no output of weights [C_out, ...] leaves 16 bits, whatever spikes. */
function fitsColumnsI8({ data, shape }: Tensor): boolean {
  if (shape[0]! % COLUMN_LANES_I8 !== 0) return false;
  const fan = data.length / shape[0]!;
  const sums = new Float64Array(shape[0]!);
  for (let i = 0; i < data.length; i++) sums[Math.floor(i / fan)]! += Math.abs(data[i]!);
  return sums.every((sum) => sum < 2 ** 15);
}

/** Whether each position does as the first does, a stride further on, and rows of a position are a power of 2. */
function isAlike(
  targets: Int32Array,
  weights: Int32Array | Float32Array,
  rows: number,
  stride: number,
): boolean {
  return (
    Number.isInteger(Math.log2(rows)) &&
    weights.every(
      (weight, row) =>
        weight === weights[row % rows] &&
        (weight === 0 || targets[row] === targets[row % rows]! + Math.floor(row / rows) * stride),
    )
  );
}

function isOneToOne({ starts }: TableConnection): boolean {
  return starts.every((start, i) => i === 0 || start - starts[i - 1]! <= 1);
}
