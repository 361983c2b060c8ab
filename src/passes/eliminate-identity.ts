// Before: x -> Identity -> y, x -> Dropout -> y      After: readers of y read x
import { rewrite } from '../graph/rewrite.ts';
import type { Change, Pass } from './pass.ts';

/** Drops nodes that pass their input on: Identity, and Dropout, which does so in inference. */
export const eliminateIdentity: Pass = {
  name: 'eliminate-identity',
  summary: 'drop Identity and Dropout',
  run(graph) {
    const changes: Change[] = [];
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'Identity' && node.op !== 'Dropout') return null;
      changes.push({ node: node.name, kind: 'dropped', detail: 'passes its input on' });
      return { nodes: [], aliases: new Map([[node.outputs[0]!, node.inputs[0]!]]) };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};
