// The currents that flow without any spike: biases and constants of sums, spread over the window.
import { opNamed } from '../../ops/index.ts';
import { type LinearSnnNode, type Network, shapesOf } from '../../snn/network/network.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../../tensor/tensor.ts';

/** What each value of a float32 network carries at every step where nothing spikes. */
export class ConstantCurrents {
  private readonly network: Network;
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly makers: ReadonlyMap<string, LinearSnnNode>;
  private readonly known = new Map<string, Tensor | null>();

  constructor(network: Network) {
    this.network = network;
    this.shapes = shapesOf(network);
    const linear = network.nodes.filter((node) => node.kind === 'linear');
    this.makers = new Map(linear.map((node) => [node.output, node]));
  }

  /** [1, ...shape], or null where it is zero. */
  of(value: string): Tensor | null {
    const found = this.known.get(value);
    if (found !== undefined) return found;
    const maker = this.makers.get(value);
    const made = maker === undefined ? null : this.through(maker);
    this.known.set(value, made);
    return made;
  }

  private through(node: LinearSnnNode): Tensor | null {
    const op = opNamed(node.op)!;
    const running = node.sources.map((source) => ('value' in source ? this.of(source.value) : null));
    const silent = running.every((value) => value === null);
    if (silent && op.role === 'weighted') return this.biasOf(node);
    const adds = node.op === 'Add' && node.sources.some((source) => 'constant' in source);
    if (silent && !adds) return null;
    const operands = node.sources.map((source, i) => {
      if ('constant' in source) return this.network.constants.get(source.constant)!;
      return running[i] ?? floatTensor([1, ...this.shapes.get(source.value)!]);
    });
    return op.evaluate(node.attributes, operands)[0]!;
  }

  /** The bias of weights, one for each channel. */
  private biasOf({ sources, shape }: LinearSnnNode): Tensor | null {
    const third = sources[2];
    if (third === undefined || !('constant' in third)) return null;
    const { data } = this.network.constants.get(third.constant)!;
    const area = sizeOf(shape) / data.length;
    return floatTensor(
      [1, ...shape],
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => data[Math.floor(i / area)]!),
    );
  }
}
