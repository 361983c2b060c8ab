// Before: spikes -> Conv a -> Conv 1x1 b        After: spikes -> Conv b.a
// A weighted map fed by currents is one map with the maps in front of it. It is carried back through sums and scales to
// the spikes; the maps in front stay where others read them. Exact where the map behind mixes channels only: a 1x1 Conv
// without padding behind a Conv, or a Gemm behind a Gemm; borders forbid it elsewhere.
import { type Problem, throwIfAny } from '../../errors.ts';
import {
  type CanonicalGraph,
  type CanonicalNode,
  factOf,
  type Node,
  type NodeNamed,
  opOf,
  producersOf,
  type ValueId,
} from '../../graph/graph.ts';
import { freshNode, freshValue, rewrite } from '../../graph/rewrite.ts';
import { eliminateDead } from '../../passes/eliminate-dead.ts';
import type { Change } from '../../passes/pass.ts';
import { floatTensor, type Tensor } from '../../tensor/tensor.ts';
import { currentsOf } from './currents.ts';

/** A graph in which no weighted map is fed by currents, and what became of the maps. */
export interface Composed {
  readonly graph: CanonicalGraph;
  readonly changes: readonly Change[];
}

/**
 * Composes every weighted map that currents feed with the maps in front of it.
 * @param analog nodes that the user keeps analog: they stay as they are, and put out spikes
 * @throws Ann2SnnError `unsupported-operator` naming every such map for which there is no composed one.
 */
export function composeLinear(graph: CanonicalGraph, analog: ReadonlySet<string> = new Set()): Composed {
  const changes: Change[] = [];
  const refused = new Map<string, string>();
  let current = graph;
  for (;;) {
    const node = mapsOfCurrents(current, analog).find(({ name }) => !refused.has(name));
    if (node === undefined) break;
    try {
      current = withComposed(current, node, analog);
      changes.push({ node: node.name, kind: 'folded', detail: 'composed with the maps in front of it' });
    } catch (error) {
      if (!(error instanceof NotComposable)) throw error;
      refused.set(node.name, error.message);
    }
  }
  const problems: Problem[] = [...refused].map(([name, message]) => ({ where: `node "${name}"`, message }));
  throwIfAny('unsupported-operator', problems, { help: '--linear respike or --linear analog carries it' });
  const composed = eliminateDead.run(current).graph as CanonicalGraph;
  const left = new Set([...composed.nodes.map(({ name }) => name), ...changes.map(({ node }) => node)]);
  for (const { name } of graph.nodes) {
    if (!left.has(name))
      changes.push({ node: name, kind: 'folded', detail: 'into the weighted maps behind it' });
  }
  return { graph: composed, changes };
}

class NotComposable extends Error {}

type Weighted = NodeNamed<'Conv'> | NodeNamed<'Gemm'>;

/** Weighted maps whose input is a sum of weighted spikes, in order. */
function mapsOfCurrents(graph: CanonicalGraph, analog: ReadonlySet<string>): CanonicalNode[] {
  const currents = currentsOf(graph, analog);
  const weighted = graph.nodes.filter((node) => opOf(node).role === 'weighted' && !analog.has(node.name));
  return weighted.filter((node) => node.inputs.some((input) => currents.has(input)));
}

/** The graph with one map carried back to the spikes. */
function withComposed(
  graph: CanonicalGraph,
  node: CanonicalNode,
  analog: ReadonlySet<string>,
): CanonicalGraph {
  if (node.op !== 'Conv' && node.op !== 'Gemm') {
    throw new NotComposable(`expected a Conv or Gemm to compose, found ${node.op}`);
  }
  if (node.op === 'Conv' && !mixesChannels(node)) {
    throw new NotComposable('expected a 1x1 Conv in one group without padding, which borders leave alone');
  }
  const carrier = new Carrier(graph, node, analog);
  const bias = node.inputs[2] === undefined ? null : graph.constants.get(node.inputs[2])!.data;
  const result = carrier.carry(node.inputs[0]!, matrixOf(graph, node), bias);
  const last = carrier.nodes.at(-1)!;
  if (last.outputs[0] !== result) throw new NotComposable('expected a map to compose with, found none');
  carrier.nodes[carrier.nodes.length - 1] = { ...last, outputs: node.outputs };
  return rewrite(graph, (each) =>
    each.name === node.name ? { nodes: carrier.nodes, constants: carrier.constants } : null,
  ) as CanonicalGraph;
}

function mixesChannels({ attributes }: NodeNamed<'Conv'>): boolean {
  const { kernelShape, pads, group } = attributes;
  return group === 1 && kernelShape.every((size) => size === 1) && pads.every((pad) => pad === 0);
}

/** A matrix [rows, columns] over channels. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

function matrixOf(graph: CanonicalGraph, node: Weighted): Matrix {
  const { shape, data } = graph.constants.get(node.inputs[1]!)!;
  return { rows: shape[0]!, columns: shape[1]!, data: Float64Array.from(data) };
}

/** Live state of carrying one map back: the nodes that do its work on spikes. */
class Carrier {
  readonly nodes: Node[] = [];
  readonly constants = new Map<ValueId, Tensor>();
  private readonly graph: CanonicalGraph;
  private readonly node: Weighted;
  private readonly currents: ReadonlySet<ValueId>;
  private readonly producers: ReadonlyMap<ValueId, Node>;

  constructor(graph: CanonicalGraph, node: Weighted, analog: ReadonlySet<string>) {
    this.graph = graph;
    this.currents = currentsOf(graph, analog);
    this.node = node;
    this.producers = producersOf(graph);
  }

  /** M value + bias, as a value. */
  carry(value: ValueId, matrix: Matrix, bias: ArrayLike<number> | null): ValueId {
    if (!this.currents.has(value)) return this.onSpikes(value, matrix, bias);
    const maker = this.producers.get(value);
    const [first, second] = maker?.inputs ?? [];
    if (maker?.op === 'Add' && !this.graph.constants.has(second!)) {
      const left = this.carry(first!, this.fitted(matrix, first!, value), bias);
      const right = this.carry(second!, this.fitted(matrix, second!, value), null);
      return this.push({ op: 'Add', attributes: {}, inputs: [left, right] });
    }
    if (maker?.op === 'Mul' && this.graph.constants.has(second!)) {
      return this.carry(first!, scaled(matrix, this.perChannel(second!, matrix.columns, maker.name)), bias);
    }
    if (maker !== undefined && maker.op === this.node.op) {
      const weights = this.graph.constants.get(second!)!;
      const own = maker.inputs[2] === undefined ? null : this.graph.constants.get(maker.inputs[2])!.data;
      const group = maker.op === 'Conv' ? maker.attributes.group : 1;
      const attributes = maker.op === 'Conv' ? this.strided(maker) : maker.attributes;
      const made = product(matrix, weights, group);
      return this.weighted(first!, made, biasOf(matrix, own, bias), attributes);
    }
    throw new NotComposable(
      `expected spikes or a map that it composes with in front, found ${maker?.op} "${maker?.name}"`,
    );
  }

  /** The matrix for one branch of a sum: a branch of one channel that is repeated for all is read by all columns. */
  private fitted(matrix: Matrix, branch: ValueId, sum: ValueId): Matrix {
    const [own, joined] = [branch, sum].map((value) => factOf(this.graph, value).shape);
    if (own!.length === joined!.length && own![1] === matrix.columns) return matrix;
    if (own!.length !== joined!.length || own![1] !== 1) {
      throw new NotComposable(
        `expected branches of the shape of their sum "${sum}", found [${own!.join(', ')}]`,
      );
    }
    const data = Float64Array.from({ length: matrix.rows }, (_, row) =>
      matrix.data
        .subarray(row * matrix.columns, (row + 1) * matrix.columns)
        .reduce((total, w) => total + w, 0),
    );
    return { rows: matrix.rows, columns: 1, data };
  }

  /** The map on what is no currents. */
  private onSpikes(value: ValueId, matrix: Matrix, bias: ArrayLike<number> | null): ValueId {
    const kernel = this.graph.constants.get(this.node.inputs[1]!)!.shape.slice(2);
    const weights = floatTensor([matrix.rows, matrix.columns, ...kernel], Float32Array.from(matrix.data));
    return this.weighted(value, weights, bias, this.node.attributes);
  }

  /** The front map's window, striding as far as both together. */
  private strided(front: NodeNamed<'Conv'>): Weighted['attributes'] {
    const behind = (this.node as NodeNamed<'Conv'>).attributes.strides;
    const { strides, autoPad } = front.attributes;
    if (autoPad.startsWith('SAME') && behind.some((stride) => stride > 1)) {
      throw new NotComposable(
        `expected pads as numbers in front of strides, found auto_pad ${autoPad} at "${front.name}"`,
      );
    }
    return { ...front.attributes, group: 1, strides: strides.map((stride, axis) => stride * behind[axis]!) };
  }

  private weighted(
    input: ValueId,
    weights: Tensor,
    bias: ArrayLike<number> | null,
    attributes: Weighted['attributes'],
  ): ValueId {
    const constant = (role: string, value: Tensor) => {
      const id = freshValue(this.graph, `${this.node.name}.${role}${this.nodes.length}`);
      this.constants.set(id, value);
      return id;
    };
    const inputs = [input, constant('composed', weights)];
    if (bias !== null) inputs.push(constant('bias', floatTensor([bias.length], Float32Array.from(bias))));
    return this.push({ op: this.node.op, attributes, inputs });
  }

  private push(made: Pick<Node, 'op' | 'attributes' | 'inputs'>): ValueId {
    const mark = `${this.node.name}/${this.nodes.length}`;
    const output = freshValue(this.graph, mark);
    this.nodes.push({ ...made, name: freshNode(this.graph, mark), outputs: [output] } as Node);
    return output;
  }

  /** A constant as one number for each channel. */
  private perChannel(id: ValueId, channels: number, node: string): readonly number[] {
    const { shape, data } = this.graph.constants.get(id)!;
    const rank = factOf(this.graph, this.node.inputs[0]!).shape.length;
    const aligned = [...new Array<number>(rank - shape.length).fill(1), ...shape];
    const one = data.length === 1;
    if (!one && (aligned[1] !== channels || data.length !== channels)) {
      throw new NotComposable(
        `expected one factor for each channel at "${node}", found [${shape.join(', ')}]`,
      );
    }
    return Array.from({ length: channels }, (_, c) => data[one ? 0 : c]!);
  }
}

function scaled(matrix: Matrix, factors: readonly number[]): Matrix {
  return { ...matrix, data: matrix.data.map((value, i) => value * factors[i % matrix.columns]!) };
}

/** M W for the weights [M, C / group, ...] of the map in front; of one group. */
function product(matrix: Matrix, weights: Tensor, group: number): Tensor {
  const [middle, perGroup, ...kernel] = weights.shape as [number, number, ...number[]];
  const taps = kernel.reduce((size, length) => size * length, 1);
  const channels = perGroup * group;
  const out = new Float64Array(matrix.rows * channels * taps);
  for (let row = 0; row < matrix.rows; row++) {
    for (let m = 0; m < middle; m++) {
      const factor = matrix.data[row * matrix.columns + m]!;
      if (factor === 0) continue;
      const offset = Math.floor(m / (middle / group)) * perGroup;
      for (let i = 0; i < perGroup * taps; i++) {
        out[(row * channels + offset) * taps + i]! += factor * weights.data[m * perGroup * taps + i]!;
      }
    }
  }
  return floatTensor([matrix.rows, channels, ...kernel], Float32Array.from(out));
}

/** M own + bias. */
function biasOf(
  matrix: Matrix,
  own: ArrayLike<number> | null,
  bias: ArrayLike<number> | null,
): Float64Array | null {
  if (own === null && bias === null) return null;
  return Float64Array.from({ length: matrix.rows }, (_, row) => {
    let sum = bias?.[row] ?? 0;
    for (let m = 0; own !== null && m < matrix.columns; m++)
      sum += matrix.data[row * matrix.columns + m]! * own[m]!;
    return sum;
  });
}
