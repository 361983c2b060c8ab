// Before: Gemm(alpha, beta, transA, transB)      After: y = x W^T + b with W [out, in], b [out]
//         MatMul(x [N, in], W [in, out])         After: the same, without b (a following Add is folded in later)
import { consumersOf, factOf, type Graph, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import { floatTensor, type Tensor } from '../tensor/tensor.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Brings fully connected layers into one form. */
export const lowerGemm: Pass = {
  name: 'lower-gemm',
  summary: 'rewrite Gemm and MatMul by a constant as y = x W^T + b',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const consumers = consumersOf(graph);
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'Gemm' && node.op !== 'MatMul') return null;
      const weights = graph.constants.get(node.inputs[1]!);
      if (weights === undefined) {
        skipped.push({ node: node.name, why: 'its second operand is not a constant' });
        return null;
      }
      if (node.op === 'Gemm')
        return isCanonical(node, graph) ? null : lowerNode(graph, consumers, node, weights);
      if (weights.shape.length !== 2 || factOf(graph, node.inputs[0]!).shape.length !== 2) {
        skipped.push({ node: node.name, why: 'its operands are not matrices' });
        return null;
      }
      changes.push({ node: node.name, kind: 'lowered', detail: 'MatMul by a constant as Gemm' });
      return lowerNode(graph, consumers, node, weights);
    });
    return { graph: rewritten, changes, skipped };
  },
};

function isCanonical(node: NodeNamed<'Gemm'>, graph: Graph): boolean {
  const { alpha, beta, transA, transB } = node.attributes;
  const bias = node.inputs[2] === undefined ? undefined : graph.constants.get(node.inputs[2]);
  const plainBias =
    node.inputs[2] === undefined || (beta === 1 && bias !== undefined && bias.shape.length === 1);
  return alpha === 1 && !transA && transB && plainBias;
}

function lowerNode(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: NodeNamed<'Gemm'> | NodeNamed<'MatMul'>,
  weights: Tensor,
): Replacement | null {
  const { alpha, beta, transA, transB } =
    node.op === 'Gemm' ? node.attributes : { alpha: 1, beta: 1, transA: false, transB: false };
  if (transA) return null;
  const [rows, columns] = weights.shape as [number, number];
  const [outputs, inputs] = transB ? [rows, columns] : [columns, rows];
  const matrix = new Float32Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      matrix[o * inputs + i] = alpha * weights.data[transB ? o * inputs + i : i * outputs + o]!;
    }
  }
  const weightId = ownConstantId(consumers, node.inputs[1], node.name, 'weight');
  const constants = new Map<ValueId, Tensor>([[weightId, floatTensor([outputs, inputs], matrix)]]);
  const operands: ValueId[] = [node.inputs[0]!, weightId];
  const biasInput = node.inputs[2];
  if (biasInput !== undefined) {
    const bias = graph.constants.get(biasInput);
    if (bias === undefined || bias.data.length > outputs || bias.data.length !== (bias.shape.at(-1) ?? 1))
      return null;
    const values = new Float32Array(outputs);
    for (let o = 0; o < outputs; o++) values[o] = beta * bias.data[bias.data.length === 1 ? 0 : o]!;
    const biasId = ownConstantId(consumers, biasInput, node.name, 'bias');
    constants.set(biasId, floatTensor([outputs], values));
    operands.push(biasId);
  }
  const gemm: NodeNamed<'Gemm'> = {
    name: node.name,
    op: 'Gemm',
    attributes: { alpha: 1, beta: 1, transA: false, transB: true },
    inputs: operands,
    outputs: node.outputs,
  };
  return { nodes: [gemm], constants };
}
