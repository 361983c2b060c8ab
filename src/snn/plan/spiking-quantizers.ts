// Which quantizers of a graph become spikes. The others round tensors that the spiking network carries as currents, or as
// spikes that are on their way already: they are taken out, each with its fate.
//
//   Conv -> [Relu ->] FakeQuantize -> Conv          kept: a layer of neurons, amplitude = scale
//   Conv -> FakeQuantize -> Add (a residual)        taken out: the sum is carried unquantized
//   Conv -> FakeQuantize -> Conv                    kept: the currents must become spikes
//   spikes -> AveragePool -> FakeQuantize -> Gemm   taken out: the pool composes with the weights
import type { Fate } from '../../graph/fate.ts';
import {
  type CanonicalGraph,
  type CanonicalNode,
  consumersOf,
  opOf,
  producersOf,
  type QuantizerNode,
  type ValueId,
} from '../../graph/graph.ts';
import { onlyConsumer, rewrite } from '../../graph/rewrite.ts';
import { showQuantizer } from '../../ops/fake-quantize.ts';
import { clippingOf } from '../../ops/op.ts';
import { putsOutCurrents } from './currents.ts';
import { isProduct } from './kinds.ts';

/** A graph without its non-spiking quantizers, and what became of those. */
export interface SpikingQuantizers {
  readonly graph: CanonicalGraph;
  readonly fates: readonly Fate[];
}

/**
 * Takes out every quantizer of a tensor that does not become spikes.
 * @param analog nodes that the user keeps analog
 */
export function keepSpikingQuantizers(
  graph: CanonicalGraph,
  analog: ReadonlySet<string> = new Set(),
): SpikingQuantizers {
  const walk = new Walk(graph, analog);
  const dropped = new Map<string, string>();
  for (const node of graph.nodes) {
    const why = walk.visit(node);
    if (why !== undefined) dropped.set(node.name, why);
  }
  if (dropped.size === 0) return { graph, fates: [] };
  const kept = rewrite(graph, (node) =>
    dropped.has(node.name) ? { nodes: [], aliases: new Map([[node.outputs[0]!, node.inputs[0]!]]) } : null,
  );
  const fates = graph.nodes.flatMap((node): Fate[] => {
    const why = dropped.get(node.name);
    if (why === undefined) return [];
    const detail = `${showQuantizer((node as QuantizerNode).attributes)}: ${why}`;
    return [{ node: node.name, op: node.op, kind: 'dropped', detail }];
  });
  return { graph: kept as CanonicalGraph, fates };
}

/** Live state of one forward walk: what is known of the values so far. */
class Walk {
  private readonly graph: CanonicalGraph;
  private readonly analog: ReadonlySet<string>;
  private readonly consumers: ReadonlyMap<ValueId, readonly CanonicalNode[]>;
  private readonly producers: ReadonlyMap<ValueId, CanonicalNode>;
  /** Sums of weighted spikes. */
  private readonly currents = new Set<ValueId>();
  /** Values that cannot be negative. */
  private readonly nonNegative = new Set<ValueId>();

  constructor(graph: CanonicalGraph, analog: ReadonlySet<string>) {
    this.graph = graph;
    this.analog = analog;
    this.consumers = consumersOf(graph);
    this.producers = producersOf(graph);
  }

  /** Records what is known of the node's output; the reason to take it out, where it is a quantizer that does not spike. */
  visit(node: CanonicalNode): string | undefined {
    const output = node.outputs[0]!;
    switch (opOf(node).role) {
      case 'quantizer':
        return this.quantizer(node as QuantizerNode);
      case 'activation':
        if ((clippingOf(opOf(node), node.attributes)?.low ?? Number.NEGATIVE_INFINITY) >= 0)
          this.nonNegative.add(output);
        return undefined;
      case 'max-pool':
        if (this.nonNegative.has(node.inputs[0]!)) this.nonNegative.add(output);
        return undefined;
      default:
        if (putsOutCurrents(this.graph, node, this.analog, this.currents)) this.currents.add(output);
        if (opOf(node).role !== 'weighted' && node.inputs.every((input) => this.isNonNegative(input))) {
          this.nonNegative.add(output);
        }
        return undefined;
    }
  }

  private quantizer(node: QuantizerNode): string | undefined {
    const output = node.outputs[0]!;
    const input = node.inputs[0]!;
    const why = this.whyNotSpiking(node);
    if (why !== undefined && this.currents.has(input)) this.currents.add(output);
    if (node.attributes.low >= 0 || (why !== undefined && this.nonNegative.has(input)))
      this.nonNegative.add(output);
    return why;
  }

  private whyNotSpiking(node: QuantizerNode): string | undefined {
    const [input, output] = [node.inputs[0]!, node.outputs[0]!];
    if (this.graph.inputs.includes(input)) {
      return this.readers(input) === 1
        ? undefined
        : 'the image is read by others as well, which want it as it is';
    }
    const { absorbed, low } = node.attributes;
    if (absorbed.length > 0 || (low >= 0 && !this.isNonNegative(input))) return undefined;
    const before = this.producers.get(input);
    const role = before && opOf(before).role;
    const neurons = role === 'activation' || role === 'max-pool' || this.isGate(before);
    if (neurons && this.readers(input) === 1) return undefined;
    if (onlyConsumer(this.graph, this.consumers, output)?.op === 'MaxPool') return undefined;
    if (!this.currents.has(input) && this.saturates(node)) return undefined;
    if (!this.currents.has(input)) return 'it rounds what spikes carry already; carried unquantized';
    if (this.feedsWeights(output)) return undefined;
    return this.graph.outputs.includes(output)
      ? 'it rounds an output; the readout decodes it unquantized'
      : 'it rounds currents that no weights read; carried unquantized';
  }

  /** Whether it clips what lies on another grid, which only rounding would not. */
  private saturates({ inputs, attributes }: QuantizerNode): boolean {
    const known = gridBehind(this.graph, this.producers, inputs[0]!);
    if (known === undefined || known.scale.length > 1 || attributes.scale.length > 1) return false;
    const [from, to] = [known.scale[0]!, attributes.scale[0]!];
    return known.high * from > (attributes.high + 0.5) * to || known.low * from < (attributes.low - 0.5) * to;
  }

  private isGate(node: CanonicalNode | undefined): boolean {
    return node !== undefined && isProduct(this.graph, node);
  }

  private readers(value: ValueId): number {
    return (this.consumers.get(value)?.length ?? 0) + (this.graph.outputs.includes(value) ? 1 : 0);
  }

  private isNonNegative(value: ValueId): boolean {
    const constant = this.graph.constants.get(value);
    if (constant === undefined) return this.nonNegative.has(value);
    return constant.data.every((v) => v >= 0);
  }

  /** Whether weights read the value before another quantizer, activation or pool turns it into spikes. */
  private feedsWeights(value: ValueId): boolean {
    return (this.consumers.get(value) ?? []).some((reader) => {
      const { role } = opOf(reader);
      if (role === 'weighted') return true;
      return (role === 'linear' || role === 'layout') && this.feedsWeights(reader.outputs[0]!);
    });
  }
}

/** The quantizer on whose grid a value lies, which only moved or selected elements since; all branches of a join alike. */
export function gridBehind(
  graph: CanonicalGraph,
  producers: ReadonlyMap<ValueId, CanonicalNode>,
  value: ValueId,
): QuantizerNode['attributes'] | undefined {
  const node = producers.get(value);
  if (node === undefined) return undefined;
  if (node.op === 'FakeQuantize') return node.attributes;
  const { role } = opOf(node);
  if (role !== 'layout' && role !== 'max-pool') return undefined;
  const running = node.inputs.filter((input) => !graph.constants.has(input));
  const [first, ...others] = running.map((input) => gridBehind(graph, producers, input));
  if (first === undefined || first.scale.length > 1) return undefined;
  const alike = others.every((grid) => grid?.scale.length === 1 && grid.scale[0] === first.scale[0]);
  if (!alike) return undefined;
  const all = [first, ...others.map((grid) => grid!)];
  return {
    ...first,
    low: Math.min(...all.map(({ low }) => low)),
    high: Math.max(...all.map(({ high }) => high)),
  };
}
