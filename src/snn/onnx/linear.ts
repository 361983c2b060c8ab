// A network's linear nodes as ONNX nodes. Whole numbers are float32 as long as that holds every one of them exactly, and
// float64 beyond.
import { opNamed } from '../../ops/index.ts';
import { castTensor, isFloat, type Shape } from '../../tensor/tensor.ts';
import { currentBounds } from '../network/current-bounds.ts';
import { type LinearSnnNode, type Network, shapesOf } from '../network/network.ts';
import type { GraphBuilder } from './builder.ts';
import { exactProduct, FLOAT32_EXACT } from './exact-product.ts';
import { castTo } from './membrane.ts';

/** Writes linear nodes into one graph; knows the type of every value. */
export class LinearEmitter {
  private readonly network: Network;
  private readonly graph: GraphBuilder;
  private readonly shapes: ReadonlyMap<string, Shape>;
  /** Integer networks: the largest magnitude of every value. */
  private readonly bounds: ReadonlyMap<string, number>;

  /** @param reach the largest magnitude of what spiking layers put out: 1 for spikes, K for integers */
  constructor(network: Network, graph: GraphBuilder, reach: number) {
    this.network = network;
    this.graph = graph;
    this.shapes = shapesOf(network);
    const bounds = network.arithmetic === 'integer' ? currentBounds(network) : new Map<string, number>();
    this.bounds = new Map([...bounds].map(([value, bound]) => [value, bound * reach]));
  }

  typeOf(value: string): 'float32' | 'float64' {
    return (this.bounds.get(value) ?? 0) >= FLOAT32_EXACT ? 'float64' : 'float32';
  }

  emit(node: LinearSnnNode): void {
    const { graph, network } = this;
    const type = this.typeOf(node.output);
    const [first, second] = node.sources;
    if (type === 'float64' && opNamed(node.op)!.role === 'weighted') {
      const { value } = first as { readonly value: string };
      const weights = network.constants.get((second as { readonly constant: string }).constant)!;
      exactProduct(graph, node, { value, shape: this.shapes.get(value)! }, weights);
      return;
    }
    const inputs = node.sources.map((source) => {
      if ('value' in source) return castTo(graph, source.value, this.typeOf(source.value), type);
      const constant = network.constants.get(source.constant)!;
      return graph.constant(
        source.constant,
        isFloat(constant.dtype) ? constant : castTensor(constant, 'float32'),
      );
    });
    const { attributes, parameters = [] } = opNamed(node.op)!.encode(node.attributes);
    const trailing = parameters.map((parameter, i) => graph.constant(`snn/${node.name}/${i}`, parameter));
    graph.node(node.op, [...inputs, ...trailing], attributes, [node.output]);
  }
}
