// Before: GlobalMaxPool(x) | ReduceMax(x, spatial axes)      After: MaxPool(x, the whole image) [-> Reshape]
//         ReduceMax(x, other axes)                           After: [Transpose ->] Reshape -> MaxPool -> Reshape
//         ReduceSum(x, axes)                                 After: ReduceMean(x, axes) -> Mul(how many)
import { factOf, type Graph, type Node, type NodeNamed } from '../graph/graph.ts';
import { freshNode, freshValue, type Replacement, rewrite } from '../graph/rewrite.ts';
import { reducedShape } from '../ops/mean.ts';
import { spatialAxes } from '../ops/spatial-axes.ts';
import { floatTensor, type Shape, sameShape, sizeOf } from '../tensor/tensor.ts';
import type { Change, Pass } from './pass.ts';
import { reshapeStep, transposeStep, unaryChain, wholePoolStep } from './unary-chain.ts';

/** Rewrites the maximum over axes as MaxPool and the sum over axes as a mean times a number. */
export const lowerReductions: Pass = {
  name: 'lower-reductions',
  summary: 'rewrite GlobalMaxPool and ReduceMax as MaxPool, ReduceSum as ReduceMean and Mul',
  run(graph) {
    const changes: Change[] = [];
    const rewritten = rewrite(graph, (node) => {
      const lowered = lower(graph, node);
      if (lowered === null) return null;
      const made = lowered.nodes.map(({ op }) => op);
      const detail =
        made.length === 0 ? `${node.op} passes its input on` : `${node.op} as ${made.join(', ')}`;
      changes.push({ node: node.name, kind: 'lowered', detail });
      return lowered;
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

function lower(graph: Graph, node: Node): Replacement | null {
  const { dtype, shape } = factOf(graph, node.inputs[0] ?? node.outputs[0]!);
  if (dtype !== 'float32') return null;
  if (node.op === 'GlobalMaxPool') {
    return { nodes: unaryChain(graph, node, [wholePoolStep(shape.slice(2))]) };
  }
  if (node.op === 'ReduceMax') return { nodes: largest(graph, node, shape) };
  return node.op === 'ReduceSum' ? total(graph, node, shape) : null;
}

function largest(graph: Graph, node: NodeNamed<'ReduceMax'>, from: Shape): Node[] {
  const result = factOf(graph, node.outputs[0]!).shape;
  const axes = [...node.attributes.axes].sort((a, b) => a - b);
  const spatial = spatialAxes(from);
  if (spatial.length > 0 && sameShape(axes, spatial)) {
    const pooled = reducedShape(from, axes);
    return unaryChain(graph, node, [wholePoolStep(from.slice(2)), ...reshapeStep(pooled, result)]);
  }
  const kept = from.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const perm = [...kept, ...axes];
  const length = sizeOf(axes.map((axis) => from[axis]!));
  const lines = [from[0]!, sizeOf(from.slice(1)) / length, length];
  return unaryChain(graph, node, [
    ...transposeStep(perm),
    ...reshapeStep(
      perm.map((axis) => from[axis]!),
      lines,
    ),
    wholePoolStep([length]),
    ...reshapeStep(lines.with(2, 1), result),
  ]);
}

function total(graph: Graph, node: NodeNamed<'ReduceSum'>, from: Shape): Replacement {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  if (node.attributes.axes.length === 0) return { nodes: [], aliases: new Map([[output, x]]) };
  const mean = freshValue(graph, `${node.name}.mean`);
  const count = freshValue(graph, `${node.name}.count`);
  const values = sizeOf(node.attributes.axes.map((axis) => from[axis]!));
  return {
    nodes: [
      {
        name: node.name,
        op: 'ReduceMean',
        attributes: node.attributes,
        inputs: [x],
        outputs: [mean],
      },
      {
        name: freshNode(graph, `${node.name}/mul`),
        op: 'Mul',
        attributes: {},
        inputs: [mean, count],
        outputs: [output],
      },
    ],
    constants: new Map([[count, floatTensor([], [values])]]),
  };
}
