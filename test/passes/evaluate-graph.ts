// A graph computed node by node by the operators' own plain `evaluate`.
import { type Graph, opOf, type ValueId } from '../../src/graph/graph.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { randomTensor } from '../ops/single-node.ts';

/** The outputs of the graph, in its order. */
export function evaluateGraph(graph: Graph, inputs: ReadonlyMap<ValueId, Tensor>): Tensor[] {
  const values = new Map<ValueId, Tensor>([...graph.constants, ...inputs]);
  for (const node of graph.nodes) {
    const operands = node.inputs.map((input) => values.get(input)!);
    // What is quantized by its own range is taken as it is; scale and zero point are known.
    const results =
      node.op === 'DynamicQuantizeLinear'
        ? node.outputs.map((output) => graph.facts.get(output)!.value ?? operands[0]!)
        : opOf(node).evaluate(node.attributes, operands);
    for (const [i, output] of node.outputs.entries()) values.set(output, results[i]!);
  }
  return graph.outputs.map((output) => values.get(output)!);
}

/** Seeded values for every input of the graph. */
export function randomInputs(graph: Graph): Map<ValueId, Tensor> {
  return new Map(
    graph.inputs.map((input, i) => [input, randomTensor(graph.facts.get(input)!.shape, 100 + i)]),
  );
}
