// Which running values are quantized integers, by which quantizer, followed through operators that move or select
// elements and change none.
import type { Problem } from '../errors.ts';
import { factOf, type Graph, type Node, opOf, type ValueId } from '../graph/graph.ts';
import { type Quantization, sameQuantization, showQuantization } from '../ops/quantization.ts';

/** A value of integers, and what they stand for. */
export interface QuantizedValue {
  readonly quantization: Quantization;
  /** The node that made them. */
  readonly quantizer: string;
}

/** Operators that read quantized integers and say themselves what they make of them. */
const READERS: ReadonlySet<string> = new Set(['DequantizeLinear', 'ConvInteger', 'MatMulInteger']);

/** The quantized values of a graph, and every node that does with one what cannot be done with the floats instead. */
export function quantizedValues(graph: Graph): {
  readonly values: ReadonlyMap<ValueId, QuantizedValue>;
  readonly problems: readonly Problem[];
} {
  const values = new Map<ValueId, QuantizedValue>();
  const problems: Problem[] = [];
  for (const node of graph.nodes) {
    if (node.op === 'QuantizeLinear') {
      values.set(node.outputs[0]!, { quantization: node.attributes, quantizer: node.name });
      continue;
    }
    const source = node.inputs.map((input) => values.get(input)).find((value) => value !== undefined);
    if (source === undefined || READERS.has(node.op)) continue;
    const message = whyNot(graph, node, values, source);
    if (message !== undefined) problems.push({ where: `node "${node.name}" (${node.op})`, message });
    for (const output of node.outputs) values.set(output, source);
  }
  return { values, problems };
}

/** Whether the operator only moves elements, or selects some of them. */
export function movesElements(node: Node): boolean {
  const { role } = opOf(node);
  return role === 'layout' || role === 'max-pool';
}

/** Whether what belongs to each index of `axis` belongs to it behind the node. */
export function keepsAxis(graph: Graph, node: Node, axis: number): boolean {
  const shapes = node.inputs.map((input) => factOf(graph, input).shape);
  const output = factOf(graph, node.outputs[0]!).shape;
  return axis === 1 && (opOf(node).keepsChannels?.(node.attributes, shapes, output) ?? false);
}

/** What is wrong with a node that reads quantized integers, or undefined. */
function whyNot(
  graph: Graph,
  node: Node,
  values: ReadonlyMap<ValueId, QuantizedValue>,
  { quantization, quantizer }: QuantizedValue,
): string | undefined {
  const { scale, zeroPoint, axis } = quantization;
  if (!movesElements(node)) {
    return `expected a DequantizeLinear between quantizer "${quantizer}" and ${node.op}, found none`;
  }
  if (scale.length > 1 && !keepsAxis(graph, node, axis)) {
    return `expected one scale of what it moves, found ${scale.length} of quantizer "${quantizer}"`;
  }
  for (const input of node.inputs) {
    const other = values.get(input);
    if (other === undefined) {
      return `expected operands that all come from a quantizer as one does from "${quantizer}", found "${input}"`;
    }
    if (!sameQuantization(other.quantization, quantization)) {
      return `expected operands of one quantization, found ${showQuantization(quantization)} ("${quantizer}") and ${showQuantization(other.quantization)} ("${other.quantizer}")`;
    }
  }
  if (node.op === 'Pad' && node.attributes.pads.some((pad) => pad > 0)) {
    const zero = zeroPoint[0]!;
    if (zeroPoint.some((each) => each !== zero) || node.attributes.value !== zero) {
      return `expected padding with the zero point of quantizer "${quantizer}", ${zero}, which stands for 0; found ${node.attributes.value}`;
    }
  }
  return undefined;
}
