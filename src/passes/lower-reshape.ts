// Before: x -> Flatten | Squeeze | Unsqueeze -> y      After: x -> Reshape(shape of y) -> y
// Shapes are known by now, so four ways of saying the same become one.
import { factOf, type NodeNamed } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Change, Pass } from './pass.ts';

const LOWERED = new Set(['Flatten', 'Squeeze', 'Unsqueeze']);

/** Rewrites every reshaping operator as Reshape with the resulting shape spelt out. */
export const lowerReshape: Pass = {
  name: 'lower-reshape',
  summary: 'rewrite Flatten, Squeeze and Unsqueeze as Reshape',
  run(graph) {
    const changes: Change[] = [];
    const rewritten = rewrite(graph, (node) => {
      if (!LOWERED.has(node.op) && node.op !== 'Reshape') return null;
      const shape = factOf(graph, node.outputs[0]!).shape;
      const reshape: NodeNamed<'Reshape'> = {
        name: node.name,
        op: 'Reshape',
        attributes: { shape, allowZero: false },
        inputs: [node.inputs[0]!],
        outputs: node.outputs,
      };
      if (node.op !== 'Reshape') {
        changes.push({ node: node.name, kind: 'lowered', detail: `${node.op} as Reshape` });
      }
      return { nodes: [reshape] };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};
