// A network as a NIR graph: populations of IF neurons that code by rates, with the network's weights between them.
//
// Currents are those of one step. With c the value in the ANN's units, K the weight of a full train and theta the amplitude,
// a population's rate is c / (K theta), which is what conversion has made weights and biases for: a bias per step is
// b / (K theta) and thresholds are 1. So an input is scaled by 1 / (K theta) and an output by K, and the mean of the output
// over the steps is the ANN's output.
import { kappa } from '../encoders/kappa.ts';
import { type Problem, throwIfAny } from '../errors.ts';
import type { NirGraph, NirNode } from '../nir/graph.ts';
import { opNamed } from '../ops/index.ts';
import { readableName } from '../snn/network/member-names.ts';
import {
  type EncoderNode,
  type LinearSnnNode,
  type MembraneInput,
  type Network,
  type NeuronNode,
  type ReadoutNode,
  runningSources,
} from '../snn/network/network.ts';
import { floatTensor, sameShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { diagonal, NirBuilder, ones, scaleBy, spread, type Value } from './nir-builder.ts';
import { numbered, type Term } from './nir-layout.ts';
import { isLayout, linearNodes } from './nir-linear.ts';
import { maxPool, relu } from './nir-max-pool.ts';
import { encoderMetadata, graphMetadata, neuronMetadata, readoutMetadata } from './nir-metadata.ts';

/** The version of NIR whose layout this is. */
const NIR_VERSION = '1.0';

/**
 * @throws Ann2SnnError `unsupported-operator` with every node that NIR has nothing for
 */
export function nirGraphOf(network: Network): NirGraph {
  const mapping = new Mapping(network);
  for (const node of network.nodes) {
    if (node.kind === 'encoder' && node.source === undefined) mapping.encoder(node);
    else if (node.kind === 'linear') mapping.linear(node);
    else if (node.kind === 'neuron') mapping.neuron(node);
    else if (node.kind === 'readout') mapping.readout(node);
    else if (node.kind === 'analog')
      mapping.refuse(node, 'NIR has no such operator of analog values', node.op);
    else mapping.values.set(node.output, null);
  }
  throwIfAny('unsupported-operator', mapping.problems, {
    help: 'NIR holds convolutions, matrices, sums, average pools and IF neurons; --format onnx holds every network',
  });
  const { nodes, edges } = mapping.builder;
  return { type: 'NIRGraph', version: NIR_VERSION, nodes, edges, metadata: graphMetadata(network) };
}

class Mapping {
  readonly builder = new NirBuilder();
  readonly problems: Problem[] = [];
  /** Values by their names in the network; null behind what was refused. */
  readonly values = new Map<string, Value | null>();
  private readonly network: Network;
  private readonly K: number;
  /** How many nodes of the network read a value. */
  private readonly readers = new Map<string, number>();

  constructor(network: Network) {
    this.network = network;
    this.K = kappa(network.coding.T, network.coding.beta);
    for (const { value } of network.nodes.flatMap(runningSources)) {
      this.readers.set(value, (this.readers.get(value) ?? 0) + 1);
    }
  }

  encoder(node: EncoderNode): void {
    const { builder, network, K } = this;
    const name = readableName(node.name);
    const input = builder.add(name, { type: 'Input', shape: node.shape }, []);
    const metadata = encoderMetadata(network, node);
    const scale = { ...scaleBy(1 / (K * node.theta), node.shape), metadata };
    this.puts(node, builder.add(`${name}.encoder`, scale, [input]));
  }

  linear(node: LinearSnnNode): void {
    const operands = this.operandsOf(runningSources(node).map(({ value }) => value));
    if (operands === null) {
      this.values.set(node.output, null);
      return;
    }
    const constants = node.sources.flatMap((source) =>
      'constant' in source ? [this.network.constants.get(source.constant)!] : [],
    );
    if (isLayout(node)) {
      this.values.set(node.output, moved(node, operands));
      return;
    }
    if (node.op === 'Add' && constants.length === 0) {
      if (operands.every(({ shape }) => sameShape(shape, node.shape))) {
        this.values.set(node.output, { shape: node.shape, terms: operands.flatMap(({ terms }) => terms) });
        return;
      }
      this.refuse(node, 'expected operands of one shape, found others', node.op);
      return;
    }
    const nodes = linearNodes(node, operands[0]!.shape, constants);
    if (typeof nodes === 'string') {
      this.refuse(node, nodes, node.op);
      return;
    }
    const name = readableName(node.name, node.op);
    const sources = this.read(operands[0]!, name, node);
    if (sources === null) this.values.set(node.output, null);
    else this.puts(node, this.builder.chain(name, nodes, sources)[0]!);
  }

  neuron(node: NeuronNode): void {
    const unlike = this.unlikeIf(node);
    if (unlike !== null) {
      this.refuse(node, unlike, node.neuron);
      return;
    }
    const name = readableName(node.name);
    const sources = this.membrane(node, name);
    if (sources === null) {
      this.values.set(node.output, null);
      return;
    }
    const pooled =
      node.pool === undefined
        ? sources
        : maxPool(this.builder, name, sources, node.potentialShape, { ...node.pool });
    if (pooled === null) {
      this.refuse(node, 'NIR has no MaxPool, and none can be made over these axes', 'MaxPool');
      return;
    }
    const metadata = neuronMetadata(this.network, node);
    const primitive = node.neuron === 'tsa-identity' ? ones(node.shape) : relu(node.shape);
    this.puts(node, this.builder.add(name, { ...primitive, metadata }, pooled));
  }

  readout(node: ReadoutNode): void {
    const name = readableName(node.name);
    const sources = this.membrane(node, name);
    if (sources === null) return;
    const scaled = this.builder.add(`${name}.decoder`, scaleBy(this.K, node.shape), sources);
    const metadata = readoutMetadata(this.network, node);
    this.builder.add(`${name}.readout`, { type: 'Output', shape: node.shape, metadata }, [scaled]);
  }

  refuse(node: { readonly name: string; readonly output: string }, message: string, what: string): void {
    this.problems.push({ where: `${what} "${node.name}"`, message });
    this.values.set(node.output, null);
  }

  /** Why no IF neuron stands for that layer. */
  private unlikeIf(node: NeuronNode): string | null {
    if (node.product === true) return 'NIR has no product of two currents';
    if (node.affine !== undefined) return 'NIR has no neuron with a scale and a shift of its potential';
    if (node.neuron === 'tsa-relu') return null;
    if (node.neuron === 'tsa-identity')
      return node.pool === undefined ? null : 'NIR has no MaxPool, and none can be made without a ReLU';
    if (node.neuron !== 'tsa-clip') return 'NIR has no neuron with this function';
    const low = node.parameters?.low;
    const floor = low === undefined ? null : this.network.constants.get(low)!.data;
    return floor?.every((value) => value === 0)
      ? null
      : 'NIR has no neuron whose value is bounded but from 0';
  }

  /** What the neurons or the readout add up: a node for each source and its scale, the bias in one of them. */
  private membrane(node: NeuronNode | ReadoutNode, name: string): readonly string[] | null {
    const operands = this.operandsOf(node.sources.map(({ value }) => value));
    if (operands === null) return null;
    const scales = node.sources.map((source) => this.scaleOf(source, operands[0]!));
    let left =
      node.bias === undefined ? null : spread(this.network.constants.get(node.bias)!, operands[0]!.shape);
    const each = operands.map((value, k) => {
      if (left !== null && this.takesBias(node.sources[k]!, value, scales[k]!, left)) left = null;
      return { value, scale: scales[k]! };
    });
    const read: string[] = [];
    for (const [k, { value, scale }] of each.entries()) {
      const sources = this.read(value, `${name}.source${k}`, node);
      if (sources === null) return null;
      if (scale === null) {
        read.push(...sources);
        continue;
      }
      const bias = left === null ? null : left.map((b) => b / this.K);
      left = null;
      const factor = floatTensor(value.shape, Float32Array.from(scale));
      const scaling: NirNode | null =
        bias === null ? { type: 'Scale', scale: factor } : diagonal(scale, bias, value.shape);
      if (scaling === null) {
        const message = 'expected a bias of one number for each channel, found another';
        this.problems.push({ where: `${node.kind} "${node.name}"`, message });
        return null;
      }
      read.push(this.builder.add(`${name}.scale${k}`, scaling, sources));
    }
    return read;
  }

  private scaleOf({ scale }: MembraneInput, { shape }: Value): Float64Array | null {
    return scale === undefined ? null : spread(this.network.constants.get(scale)!, shape);
  }

  /** Puts the bias of a window into the node behind the source, where that is a weighted one of its own. */
  private takesBias(
    source: MembraneInput,
    value: Value,
    scale: Float64Array | null,
    bias: Float64Array,
  ): boolean {
    const [term] = value.terms;
    if (scale === null || value.terms.length !== 1 || term!.from !== null) return false;
    if (this.readers.get(source.value) !== 1) return false;
    const node = this.builder.nodes.get(term!.node)!;
    if (node.type !== 'Conv2d' && node.type !== 'Conv1d' && node.type !== 'Linear') return false;
    const perStep = bias.map((b, i) => b / (this.K * scale[i]!));
    const channels = node.weight.shape[0]!;
    const each = perStep.length / channels;
    const first = floatTensor([channels]);
    for (let c = 0; c < channels; c++) first.data[c] = perStep[c * each]!;
    if (!perStep.every((b, i) => Number.isFinite(b) && b === perStep[Math.floor(i / each) * each]))
      return false;
    const { weight } = node;
    this.builder.nodes.set(
      term!.node,
      node.type === 'Linear' ? { type: 'Affine', weight, bias: first } : { ...node, bias: first },
    );
    return true;
  }

  private operandsOf(names: readonly string[]): Value[] | null {
    const values = names.map((name) => this.values.get(name)!);
    return values.some((value) => value === null) ? null : values;
  }

  /** The nodes that a reader of the value gets, or null where a layout on the way was refused. */
  private read(value: Value, reader: string, node: { readonly name: string }): readonly string[] | null {
    let refused = false;
    const sources = this.builder.read(value, reader, (via) => {
      refused = true;
      const where = via.length === 0 ? `"${node.name}"` : via.join(', ');
      this.problems.push({
        where,
        message: `NIR has no node that moves elements like this (for "${node.name}")`,
      });
    });
    return refused ? null : sources;
  }

  private puts({ output, shape }: NeuronNode | EncoderNode | LinearSnnNode, node: string): void {
    this.values.set(output, { shape, terms: [{ node, shape, from: null, via: [] }] });
  }
}

/** Layout operators move the numbers of elements: each term of each operand by itself, the other operands being zeros. */
function moved(node: LinearSnnNode, operands: readonly Value[]): Value {
  const op = opNamed(node.op)!;
  const zeros = operands.map(({ shape }) => floatTensorOf([1, ...shape]));
  const terms = operands.flatMap((value, index) =>
    value.terms.map((term): Term => {
      const inputs = zeros.map((zero, k) => (k === index ? numbered(term, value.shape) : zero));
      const from = Float64Array.from(op.evaluate(node.attributes, inputs)[0]!.data);
      return { ...term, from, via: [...term.via, `${node.op} "${node.name}"`] };
    }),
  );
  return { shape: node.shape, terms };
}

function floatTensorOf(shape: readonly number[]): Tensor {
  return { dtype: 'float64', shape, data: new Float64Array(sizeOf(shape)) };
}
