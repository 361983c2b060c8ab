// Nodes and edges of a NIR graph while it is made, and values on the way: sums of what nodes put out.
import type { NirEdge, NirNode } from '../nir/graph.ts';
import { UniqueNames } from '../snn/network/member-names.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { layoutNodes, type Term } from './nir-layout.ts';

/** A value of the network: the sum of its terms, each of which is a node's output or elements of it. */
export interface Value {
  readonly shape: Shape;
  readonly terms: readonly Term[];
}

export class NirBuilder {
  readonly nodes = new Map<string, NirNode>();
  readonly edges: NirEdge[] = [];
  private readonly names = new UniqueNames();

  /** Adds a node that reads the sum of `sources`; returns its name, which is `name` where that is free. */
  add(name: string, node: NirNode, sources: readonly string[]): string {
    const given = this.names.take(name);
    this.nodes.set(given, node);
    for (const source of sources) this.edges.push([source, given]);
    return given;
  }

  /** Adds nodes one behind the other; returns the name of the last, or what they read where there are none. */
  chain(name: string, nodes: readonly NirNode[], sources: readonly string[]): readonly string[] {
    return nodes.reduce<readonly string[]>(
      (read, node, i) => [
        this.add(i === nodes.length - 1 ? name : `${name}.${node.type.toLowerCase()}`, node, read),
      ],
      sources,
    );
  }

  /**
   * The names of the nodes whose sum a reader of the value gets, each once.
   * @throws what `refuse` throws where NIR has no node for a layout
   */
  read(value: Value, reader: string, refuse: (via: readonly string[]) => void): readonly string[] {
    const sources: string[] = [];
    for (const term of value.terms) {
      // A Pad or a Slice may leave nothing of a term; where it leaves nothing of any, a reader gets its zeros.
      const nothing = term.from?.every((number) => number === 0) ?? false;
      if (nothing && value.terms.length > 1) continue;
      const nodes = layoutNodes(term, value.shape);
      if (nodes === null) {
        refuse(term.via);
        continue;
      }
      const [source] = this.chain(`${reader}.layout`, nodes, [term.node]);
      // A second edge between the same two nodes would say nothing: readers keep a set of edges.
      const again = sources.includes(source!);
      sources.push(again ? this.add(`${reader}.again`, ones(value.shape), [source!]) : source!);
    }
    return sources;
  }
}

/** A Scale that changes nothing. */
export function ones(shape: Shape): NirNode {
  return { type: 'Scale', scale: floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1)) };
}

/** A Scale by one factor. */
export function scaleBy(factor: number, shape: Shape): NirNode {
  return { type: 'Scale', scale: floatTensor(shape, new Float32Array(sizeOf(shape)).fill(factor)) };
}

/** For each element of an image of `shape` the number that stands for it: one for all, for its channel, or its own. */
export function spread({ data }: Pick<Tensor, 'data'>, shape: Shape): Float64Array {
  const size = sizeOf(shape);
  return Float64Array.from({ length: size }, (_, i) => data[Math.floor((i * data.length) / size)]!);
}

/**
 * y = scale * x + bias as a node with a bias of one number for each channel, which NIR has for matrices and convolutions only.
 * Null where the numbers differ within channels, or there are too many channels.
 */
export function diagonal(scale: Float64Array, bias: Float64Array, shape: Shape): NirNode | null {
  const channels = shape[0]!;
  if (channels > 4096 || (shape.length !== 1 && shape.length !== 3)) return null;
  const each = scale.length / channels;
  const perChannel = (values: Float64Array) => {
    const first = Float64Array.from({ length: channels }, (_, c) => values[c * each]!);
    return values.every((value, i) => value === first[Math.floor(i / each)]) ? first : null;
  };
  const [factors, biases] = [perChannel(scale), perChannel(bias)];
  if (factors === null || biases === null) return null;
  const matrix = new Float32Array(channels * channels);
  factors.forEach((factor, c) => {
    matrix[c * (channels + 1)] = factor;
  });
  const b = floatTensor([channels], Float32Array.from(biases));
  if (shape.length === 1)
    return { type: 'Affine', weight: floatTensor([channels, channels], matrix), bias: b };
  return {
    type: 'Conv2d',
    input_shape: [shape[1]!, shape[2]!],
    weight: floatTensor([channels, channels, 1, 1], matrix),
    stride: [1, 1],
    padding: [0, 0],
    dilation: [1, 1],
    groups: 1,
    bias: b,
  };
}
