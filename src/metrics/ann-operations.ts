// What one image costs the ANN, by three rules, each named wherever its figure is printed.
import { type CanonicalGraph, type CanonicalNode, factOf, opOf } from '../graph/graph.ts';
import { reachOf } from '../ops/synapses.ts';
import type { AnnOperations } from '../snn/network/network.ts';
import { isProduct } from '../snn/plan/kinds.ts';
import { sizeOf } from '../tensor/tensor.ts';

/** Counts the operations of one image through a normalised graph. */
export function annOperations(graph: CanonicalGraph): AnnOperations {
  let macs = 0;
  let effectiveMacs = 0;
  let syopsCounter = 0;
  for (const node of graph.nodes) {
    const products = productsOf(graph, node);
    const byElement = elementProducts(graph, node);
    macs += products + byElement;
    effectiveMacs += products > 0 ? effectiveProducts(graph, node) : byElement;
    syopsCounter += syopsCounterOperations(graph, node);
  }
  return { macs, effectiveMacs, syopsCounter };
}

/** Products of one node with weights, per image; padding and zero weights counted. */
function productsOf(graph: CanonicalGraph, node: CanonicalNode): number {
  const operands = node.inputs.map((input) => factOf(graph, input).shape);
  return opOf(node).macs?.(node.attributes, operands, factOf(graph, node.outputs[0]!).shape) ?? 0;
}

/** A product of two running values, and a normalisation by the data's own statistics: one for each element put out. */
function elementProducts(graph: CanonicalGraph, node: CanonicalNode): number {
  return isProduct(graph, node) || opOf(node).role === 'analog'
    ? sizeOf(factOf(graph, node.outputs[0]!).shape)
    : 0;
}

/** Products with a real input and a non-zero weight (NeuroBench's Effective_MACs with every input active). */
function effectiveProducts(graph: CanonicalGraph, node: CanonicalNode): number {
  if (!graph.constants.has(node.inputs[1]!)) return productsOf(graph, node);
  const operands = node.inputs.map((input) => factOf(graph, input));
  const op = opOf(node);
  if (op.reached !== undefined) return op.reached(node.attributes, operands);
  return reachOf(op, node.attributes, operands).reduce((sum, reached) => sum + reached, 0);
}

/**
 * The syops-counter convention: products plus one per bias add, output elements of a ReLU, input elements of a
 * pool and of each half of a BatchNormalization that could not be folded. Residual adds are not counted.
 */
function syopsCounterOperations(graph: CanonicalGraph, node: CanonicalNode): number {
  const inputs = sizeOf(factOf(graph, node.inputs[0]!).shape);
  const outputs = sizeOf(factOf(graph, node.outputs[0]!).shape);
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose':
    case 'Gemm':
    case 'MatMul':
      return productsOf(graph, node) + (node.inputs.length > 2 ? outputs : 0);
    case 'Relu':
      return outputs;
    case 'MaxPool':
    case 'AveragePool':
    case 'GlobalAveragePool':
    case 'ReduceMean':
      return inputs;
    case 'Mul':
    case 'Add':
      return graph.constants.has(node.inputs[1]!) ? inputs : 0;
    default:
      return 0;
  }
}
