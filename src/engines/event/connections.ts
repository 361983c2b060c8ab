// What connects a spiking layer to a membrane: every path of linear nodes between them, and the kernel that can walk it.
// Paths that meet at a sum are separate connections: a spike sends its weights along each.
import { opNamed } from '../../ops/index.ts';
import type { Fact } from '../../ops/op.ts';
import { synapsesOf } from '../../ops/synapses.ts';
import type { Window } from '../../ops/window.ts';
import { windowOver } from '../../ops/window.ts';
import {
  isSpiking,
  type LinearSnnNode,
  type Network,
  operandFacts,
  shapesOf,
} from '../../snn/network/network.ts';
import { type Shape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { planeOf } from './plane.ts';
import { behindPool } from './pooled-window.ts';

/** A convolution walked from the spikes' side; a fully connected layer is one whose window is the whole plane. */
export interface ConvConnection {
  readonly kind: 'conv';
  readonly source: string;
  /** First channel of the weights that the source feeds, behind a Concat. */
  readonly weights: Tensor;
  readonly window: Window;
  readonly group: number;
}

/** Weights behind an average over the whole plane: spikes of a channel are added up before they are weighted. */
export interface AverageConnection {
  readonly kind: 'average';
  readonly source: string;
  /** [C_out, C_in, 1, 1]: a channel's average times its weight arrives. */
  readonly weights: Tensor;
}

/** Any sparse map: the synapses of each element of the source, element by element as [C, H, W]. */
export interface TableConnection {
  readonly kind: 'table';
  readonly source: string;
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  readonly weights: Float64Array;
}

/** A linear node on a path, and which of its operands the path comes in by: sums in front of it are left out. */
export interface Step {
  readonly node: LinearSnnNode;
  readonly operand: number;
}

/** A path that no kernel walks: its nodes are applied to a whole step's spikes. */
export interface PlainConnection {
  readonly kind: 'plain';
  readonly source: string;
  readonly path: readonly Step[];
}

export type Connection = ConvConnection | AverageConnection | TableConnection | PlainConnection;

/** Synapses above which a path is not written out as a table. */
const LARGEST_TABLE = 4e6;

/** Finds the connections of a network's membranes. */
export class ConnectionFinder {
  private readonly network: Network;
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly makers: ReadonlyMap<string, LinearSnnNode>;
  private readonly direct: ReadonlySet<string>;

  constructor(network: Network) {
    this.network = network;
    this.shapes = shapesOf(network);
    const linear = network.nodes.filter((node) => node.kind === 'linear');
    this.makers = new Map(linear.map((node) => [node.output, node]));
    const direct = network.nodes.filter((node) => node.kind === 'encoder' && !isSpiking(node));
    this.direct = new Set(direct.flatMap((node) => (node.kind === 'encoder' ? [node.output] : [])));
  }

  /** All connections into a value that a membrane adds up. */
  into(value: string): readonly Connection[] {
    return this.paths(value, []).map((path) => this.connection(path.source, path.nodes));
  }

  /** Every way back to spikes: the nodes from the source's reader to the value, sums left out. */
  private paths(
    value: string,
    behind: readonly Step[],
  ): { readonly source: string; readonly nodes: readonly Step[] }[] {
    const maker = this.makers.get(value);
    if (maker === undefined) return [{ source: value, nodes: behind }];
    const sum = isSum(maker, this.shapes);
    return maker.sources.flatMap((source, operand) =>
      'value' in source ? this.paths(source.value, sum ? behind : [{ node: maker, operand }, ...behind]) : [],
    );
  }

  private connection(source: string, path: readonly Step[]): Connection {
    // An image that enters as it is is no list of spikes.
    if (this.direct.has(source)) return { kind: 'plain', source, path };
    const walked = path.filter(({ node }) => !padsNothing(node));
    const average = this.average(source, walked);
    if (average !== null) return average;
    const convolution = this.convolution(source, walked);
    if (convolution !== null && this.fitsKernels(convolution.weights)) return convolution;
    return this.table(source, path) ?? { kind: 'plain', source, path };
  }

  /** Kernels of integer networks take 8 bits, and each weight's negative. */
  private fitsKernels({ data }: Tensor): boolean {
    return this.network.arithmetic === 'float32' || data.every((weight) => Math.abs(weight) <= 127);
  }

  private convolution(source: string, path: readonly Step[]): ConvConnection | null {
    const composed =
      this.scaled(source, path) ?? this.scaledBehind(source, path) ?? this.pooled(source, path);
    if (composed !== null) return composed;
    const first = path[0]?.node;
    const last = path[1]?.node ?? first;
    if (path.length > 2 || first === undefined || last === undefined) return null;
    const joined = path.length === 2 ? this.joinedAt(path[0]!) : 0;
    const shape = this.shapes.get(source)!;
    if (last.op === 'Conv' && shape.length === 3 && joined !== null) {
      const { group, ...window } = last.attributes as Parameters<typeof windowOver>[0] & {
        readonly group: number;
      };
      if (group !== 1 && path.length === 2) return null;
      const weights = this.weightsOf(last);
      return {
        kind: 'conv',
        source,
        weights: group === 1 ? inputChannels(weights, joined, shape[0]!) : weights,
        window: windowOver(window, shape.slice(1)),
        group,
      };
    }
    const flattened = path.length === 1 || (first.op === 'Reshape' && first.shape.length === 1);
    return last.op === 'Gemm' && flattened ? this.fullyConnected(source, last) : null;
  }

  /** A factor for each channel of a float32 network, as amplitudes that meet bring them along, in the weights behind it. */
  private scaled(source: string, [step, ...behind]: readonly Step[]): ConvConnection | null {
    if (this.network.arithmetic !== 'float32' || step?.node.op !== 'Mul') return null;
    const other = step.node.sources[1 - step.operand]!;
    const [channels] = this.shapes.get(source)!;
    if (!('constant' in other) || channels === undefined) return null;
    const { data, shape } = this.network.constants.get(other.constant)!;
    const perChannel = data.length === channels && shape.at(-3) === channels;
    const convolution = this.convolution(step.node.output, behind);
    if (convolution === null || (data.length !== 1 && (!perChannel || convolution.group !== 1))) return null;
    const { weights } = convolution;
    const taps = sizeOf(weights.shape.slice(2));
    const factors = Float64Array.from(
      weights.data,
      (w, i) => w * data[data.length === 1 ? 0 : Math.floor(i / taps) % channels]!,
    );
    return {
      ...convolution,
      source,
      weights: { ...weights, dtype: 'float32', data: Float32Array.from(factors) },
    };
  }

  /** The same behind weights: a factor for each of their outputs. */
  private scaledBehind(source: string, path: readonly Step[]): ConvConnection | null {
    const last = path.at(-1);
    if (this.network.arithmetic !== 'float32' || path.length < 2 || last?.node.op !== 'Mul') return null;
    const other = last.node.sources[1 - last.operand]!;
    if (!('constant' in other)) return null;
    const { data, shape } = this.network.constants.get(other.constant)!;
    const convolution = this.convolution(source, path.slice(0, -1));
    if (convolution === null) return null;
    const { weights } = convolution;
    const outputs = weights.shape[0]!;
    const perChannel = data.length === outputs && shape.at(-3) === outputs;
    if (data.length !== 1 && !perChannel) return null;
    const fan = weights.data.length / outputs;
    const scaled = Float32Array.from(
      weights.data,
      (w, i) => w * data[data.length === 1 ? 0 : Math.floor(i / fan)]!,
    );
    return { ...convolution, weights: { ...weights, dtype: 'float32', data: scaled } };
  }

  /** Weights of a float32 network that see nothing but an average of the whole plane. */
  private average(source: string, [step, ...behind]: readonly Step[]): AverageConnection | null {
    const pool = step === undefined ? null : this.pool(source, step.node);
    if (step === undefined || pool === null || sizeOf(pool.output) !== 1) return null;
    const convolution = this.convolution(step.node.output, behind);
    const whole = sizeOf(pool.kernel) === sizeOf(pool.input);
    if (convolution === null || !whole || convolution.group !== 1) return null;
    const { weights, window } = convolution;
    return sizeOf(window.kernel) === 1 && sizeOf(window.output) === 1
      ? { kind: 'average', source, weights }
      : null;
  }

  /** An average of a float32 network and the weights behind it as one convolution. */
  private pooled(source: string, [step, ...behind]: readonly Step[]): ConvConnection | null {
    const pool = step === undefined ? null : this.pool(source, step.node);
    const convolution = pool === null ? null : this.convolution(step!.node.output, behind);
    if (pool === null || convolution === null) return null;
    const made = behindPool(pool, convolution);
    return made === null ? null : { ...convolution, source, ...made };
  }

  /** The window of a float32 network's average. */
  private pool(source: string, { op, attributes }: LinearSnnNode): Window | null {
    const shape = this.shapes.get(source)!;
    if (this.network.arithmetic !== 'float32' || shape.length !== 3) return null;
    const plane = shape.slice(1);
    if (op === 'GlobalAveragePool') return wholePlane(plane);
    return op === 'AveragePool' ? windowOver(attributes as Parameters<typeof windowOver>[0], plane) : null;
  }

  /** A Gemm of everything as a window over the whole plane. */
  private fullyConnected(source: string, node: LinearSnnNode): ConvConnection | null {
    const shape = this.shapes.get(source)!;
    const { alpha, transA, transB } = node.attributes as Readonly<Record<string, unknown>>;
    if (alpha !== 1 || transA !== false || transB !== true || (shape.length !== 3 && shape.length !== 1))
      return null;
    const { channels, height, width } = planeOf(shape, 1);
    const weights = this.weightsOf(node);
    const size = [height, width];
    return {
      kind: 'conv',
      source,
      weights: { ...weights, shape: [weights.shape[0]!, channels, ...size] },
      window: wholePlane(size),
      group: 1,
    };
  }

  /** The first channel that a source has in a Concat of channels, or null. */
  private joinedAt({ node, operand }: Step): number | null {
    if (node.op !== 'Concat' || (node.attributes as { readonly axis: number }).axis !== 1) return null;
    let channels = 0;
    for (const before of node.sources.slice(0, operand)) {
      if (!('value' in before)) return null;
      channels += this.shapes.get(before.value)![0]!;
    }
    return channels;
  }

  private weightsOf(node: LinearSnnNode): Tensor {
    return this.network.constants.get((node.sources[1] as { readonly constant: string }).constant)!;
  }

  /** The composed map of a path, written out. */
  private table(source: string, path: readonly Step[]): TableConnection | null {
    let columns: Column[] = identityColumns(sizeOf(this.shapes.get(source)!));
    for (const { node, operand } of path) {
      const operands: readonly Fact[] = operandFacts(this.network, node, (name) => this.shapes.get(name)!);
      const synapses = synapsesOf(opNamed(node.op)!, node.attributes, operand, operands);
      let total = 0;
      const next: Column[] = [];
      for (const column of columns) {
        const made = new Map<number, number>();
        for (const [element, weight] of column) {
          synapses(element, (target, w) => {
            made.set(target, (made.get(target) ?? 0) + weight * w);
          });
        }
        total += made.size;
        if (total > LARGEST_TABLE) return null;
        next.push(made);
      }
      columns = next;
    }
    return flattened(source, columns);
  }
}

/** PyTorch exports an average pool behind such a Pad. */
function padsNothing({ op, attributes }: LinearSnnNode): boolean {
  return op === 'Pad' && (attributes as { readonly pads: readonly number[] }).pads.every((pad) => pad === 0);
}

/** A window that sees a plane [H, W] at one go. */
function wholePlane(size: Shape): Window {
  const [once, none] = [
    [1, 1],
    [0, 0],
  ];
  return {
    input: size,
    output: once,
    kernel: size,
    strides: once,
    dilations: once,
    padsBegin: none,
    padsEnd: none,
  };
}

/** Weights of one element to its targets. */
type Column = ReadonlyMap<number, number>;

function identityColumns(size: number): Column[] {
  return Array.from({ length: size }, (_, element) => new Map([[element, 1]]));
}

function flattened(source: string, columns: readonly Column[]): TableConnection {
  const starts = new Int32Array(columns.length + 1);
  columns.forEach((column, i) => {
    starts[i + 1] = starts[i]! + column.size;
  });
  const targets = new Int32Array(starts.at(-1)!);
  const weights = new Float64Array(targets.length);
  columns.forEach((column, i) => {
    let at = starts[i]!;
    for (const [target, weight] of column) {
      targets[at] = target;
      weights[at++] = weight;
    }
  });
  return { kind: 'table', source, starts, targets, weights };
}

/** A node that only adds to its running operands, all of the shape of the sum. */
function isSum(node: LinearSnnNode, shapes: ReadonlyMap<string, Shape>): boolean {
  return (
    node.op === 'Add' &&
    node.sources.every(
      (source) => 'constant' in source || sizeOf(shapes.get(source.value)!) === sizeOf(node.shape),
    )
  );
}

/** The weights [M, C, ...] of some of the input channels. */
function inputChannels(weights: Tensor, from: number, count: number): Tensor {
  const [filters, channels, ...kernel] = weights.shape as [number, number, ...number[]];
  if (from === 0 && count === channels) return weights;
  const taps = sizeOf(kernel);
  const data = weights.data.slice(0, filters * count * taps);
  for (let m = 0; m < filters; m++) {
    const begin = (m * channels + from) * taps;
    data.set(weights.data.subarray(begin, begin + count * taps), m * count * taps);
  }
  return { ...weights, shape: [filters, count, ...kernel], data };
}
