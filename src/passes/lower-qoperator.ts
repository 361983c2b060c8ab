// Before: q, w -> QLinearConv -> r
// After:  q -> DequantizeLinear -> Conv(w as floats) -> QuantizeLinear -> r
// Likewise every other QLinear operator. Constant operands become floating point constants that carry their grid;
// lower-qdq then turns the quantizers into what they do to running floating point numbers.
import { consumersOf, type Graph, type Node, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { freshNode, freshValue, ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import { dequantizeLinear } from '../ops/dequantize-linear.ts';
import { qLinearOps } from '../ops/index.ts';
import { type Quantization, showQuantization } from '../ops/quantization.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Change, Pass } from './pass.ts';

type QLinearNode = NodeNamed<(typeof qLinearOps)[number]['name']>;

const NAMES: ReadonlySet<string> = new Set(qLinearOps.map((op) => op.name));

/** Rewrites operators on 8 bit integers as operators on floats between quantizers. */
export const lowerQOperator: Pass = {
  name: 'lower-qoperator',
  summary: 'rewrite QLinearConv and its kind as floating point operators between quantizers',
  run(graph) {
    const changes: Change[] = [];
    const consumers = consumersOf(graph);
    const rewritten = rewrite(graph, (node) => {
      if (!isQLinear(node)) return null;
      changes.push({ node: node.name, kind: 'lowered', detail: detailOf(node) });
      return lower(graph, consumers, node);
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

function isQLinear(node: Node): node is QLinearNode {
  return NAMES.has(node.op);
}

function detailOf({ op, attributes: { operator, result } }: QLinearNode): string {
  if (result === null) return `${op} as ${operator} of dequantized operands`;
  return `${op} as ${operator} between quantizers (${showQuantization(result)})`;
}

function lower(graph: Graph, consumers: ReturnType<typeof consumersOf>, node: QLinearNode): Replacement {
  const { operator, attributes, operands, result } = node.attributes;
  const before: Node[] = [];
  const constants = new Map<ValueId, Tensor>();
  const inputs = node.inputs.map((input, i) => {
    const constant = graph.constants.get(input);
    if (constant === undefined) {
      const value = freshValue(graph, `${node.name}.operand${i}`);
      before.push(dequantize(freshNode(graph, `${node.name}/dequantize${i}`), operands[i]!, input, value));
      return value;
    }
    const value = ownConstantId(graph, consumers, input, node.name, `operand${i}`);
    constants.set(value, dequantizeLinear.evaluate(operands[i]!, [constant])[0]!);
    return value;
  });
  const output = node.outputs[0]!;
  const computed = result === null ? output : freshValue(graph, `${output}.float`);
  const float = { name: node.name, op: operator, attributes, inputs, outputs: [computed] } as Node;
  const after: Node[] =
    result === null ? [] : [quantize(freshNode(graph, `${node.name}/quantize`), result, computed, output)];
  return { nodes: [...before, float, ...after], constants };
}

function dequantize(
  name: string,
  attributes: Quantization,
  input: ValueId,
  output: ValueId,
): NodeNamed<'DequantizeLinear'> {
  return { name, op: 'DequantizeLinear', attributes, inputs: [input], outputs: [output] };
}

function quantize(
  name: string,
  attributes: Quantization,
  input: ValueId,
  output: ValueId,
): NodeNamed<'QuantizeLinear'> {
  return { name, op: 'QuantizeLinear', attributes, inputs: [input], outputs: [output] };
}
