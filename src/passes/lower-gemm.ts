// Before: Gemm(alpha, beta, transA, transB)      After: y = x W^T + b with W [out, in], b [out]
//         MatMul(x [N, in], W [in, out])         After: the same, without b (a following Add is folded in later)
import { consumersOf, factOf, type Graph, type NodeNamed, type ValueId } from '../graph/graph.ts';
import { ownConstantId, type Replacement, rewrite } from '../graph/rewrite.ts';
import type { Grid } from '../tensor/grid.ts';
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
      if (node.op === 'Gemm' && isCanonicalGemm(graph, node)) return null;
      const why = whyNot(graph, node, weights);
      if (why !== undefined) {
        skipped.push({ node: node.name, why });
        return null;
      }
      changes.push({ node: node.name, kind: 'lowered', detail: `${node.op} as y = x W^T + b` });
      return lowerNode(graph, consumers, node, weights);
    });
    return { graph: rewritten, changes, skipped };
  },
};

/** Whether it is y = x W^T + b with constant W [out, in] and, where it has one, constant b [out]. */
export function isCanonicalGemm(graph: Graph, node: NodeNamed<'Gemm'>): boolean {
  const { alpha, beta, transA, transB } = node.attributes;
  const [weights, bias] = node.inputs.slice(1).map((input) => graph.constants.get(input));
  const plainBias = node.inputs[2] === undefined || bias?.shape.length === 1;
  return (
    alpha === 1 &&
    beta === 1 &&
    !transA &&
    transB &&
    weights !== undefined &&
    plainBias &&
    (bias === undefined || bias.shape[0] === weights.shape[0])
  );
}

/** What keeps a Gemm or MatMul by constant weights from being written as y = x W^T + b. */
function whyNot(
  graph: Graph,
  node: NodeNamed<'Gemm'> | NodeNamed<'MatMul'>,
  weights: Tensor,
): string | undefined {
  if (weights.dtype !== 'float32') return 'its numbers are not floating point';
  if (weights.shape.length !== 2 || factOf(graph, node.inputs[0]!).shape.length !== 2) {
    return 'its operands are not matrices';
  }
  if (node.op === 'MatMul') return undefined;
  if (node.attributes.transA) return 'it transposes its first operand';
  if (node.inputs[2] === undefined) return undefined;
  const bias = graph.constants.get(node.inputs[2]);
  if (bias === undefined) return 'its bias is not a constant';
  return bias.data.length === (bias.shape.at(-1) ?? 1) ? undefined : 'its bias differs from row to row';
}

/** The grid of alpha W or its transpose; a factor of 0 or below has none. */
function gridOfMatrix(grid: Grid, alpha: number, transB: boolean): Grid | undefined {
  if (!(alpha > 0)) return undefined;
  return {
    ...grid,
    scale: grid.scale.map((scale) => alpha * scale),
    axis: transB ? grid.axis : 1 - grid.axis,
  };
}

function lowerNode(
  graph: Graph,
  consumers: ReturnType<typeof consumersOf>,
  node: NodeNamed<'Gemm'> | NodeNamed<'MatMul'>,
  weights: Tensor,
): Replacement {
  const { alpha, beta, transB } = node.op === 'Gemm' ? node.attributes : { alpha: 1, beta: 1, transB: false };
  const [rows, columns] = weights.shape as [number, number];
  const [outputs, inputs] = transB ? [rows, columns] : [columns, rows];
  const matrix = new Float32Array(outputs * inputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      matrix[o * inputs + i] = alpha * weights.data[transB ? o * inputs + i : i * outputs + o]!;
    }
  }
  const weightId = ownConstantId(graph, consumers, node.inputs[1], node.name, 'weight');
  const grid = weights.grid && gridOfMatrix(weights.grid, alpha, transB);
  const constants = new Map<ValueId, Tensor>([
    [weightId, { ...floatTensor([outputs, inputs], matrix), ...(grid === undefined ? {} : { grid }) }],
  ]);
  const operands: ValueId[] = [node.inputs[0]!, weightId];
  const biasInput = node.inputs[2];
  if (biasInput !== undefined) {
    const bias = graph.constants.get(biasInput)!;
    const values = new Float32Array(outputs);
    for (let o = 0; o < outputs; o++) values[o] = beta * bias.data[bias.data.length === 1 ? 0 : o]!;
    const biasId = ownConstantId(graph, consumers, biasInput, node.name, 'bias');
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
