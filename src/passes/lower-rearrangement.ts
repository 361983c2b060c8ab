// Before: DepthToSpace(x) | SpaceToDepth(x)      After: Reshape -> Transpose -> Reshape
//         Upsample(x)                            After: Resize(x), by the coordinates and rounding that Upsample has
import { factOf, type Graph, type Node } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import { depthToSpaceSteps } from '../ops/depth-to-space.ts';
import type { Rearrangement } from '../ops/rearrangement.ts';
import { spaceToDepthSteps } from '../ops/space-to-depth.ts';
import type { Change, Pass } from './pass.ts';
import { reshapeStep, transposeStep, unaryChain } from './unary-chain.ts';

/** Rewrites operators that change the resolution by those that stay in the network. */
export const lowerRearrangement: Pass = {
  name: 'lower-rearrangement',
  summary: 'rewrite DepthToSpace and SpaceToDepth as Reshape and Transpose, Upsample as Resize',
  run(graph) {
    const changes: Change[] = [];
    const rewritten = rewrite(graph, (node) => {
      const nodes = lower(graph, node);
      if (nodes === null) return null;
      const detail = `${node.op} as ${nodes.map(({ op }) => op).join(', ')}`;
      changes.push({ node: node.name, kind: 'lowered', detail });
      return { nodes };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

function lower(graph: Graph, node: Node): Node[] | null {
  if (node.op === 'Upsample') return [{ ...node, op: 'Resize' }];
  if (node.op !== 'DepthToSpace' && node.op !== 'SpaceToDepth') return null;
  const { shape } = factOf(graph, node.inputs[0]!);
  const { split, perm, result }: Rearrangement =
    node.op === 'DepthToSpace'
      ? depthToSpaceSteps(node.attributes, shape)
      : spaceToDepthSteps(node.attributes, shape);
  const moved = perm.map((axis) => split[axis]!);
  return unaryChain(graph, node, [
    ...reshapeStep(shape, split),
    ...transposeStep(perm),
    ...reshapeStep(moved, result),
  ]);
}
