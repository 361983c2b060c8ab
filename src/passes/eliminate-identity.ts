// Before: x -> Identity -> y, x -> Dropout -> y      After: readers of y read x
import { consumersOf } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Drops nodes that pass their input on: Identity, and Dropout, which does so in inference. */
export const eliminateIdentity: Pass = {
  name: 'eliminate-identity',
  summary: 'drop Identity and Dropout',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const read = new Set([...consumersOf(graph).keys(), ...graph.outputs]);
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'Identity' && node.op !== 'Dropout') return null;
      if (node.outputs.slice(1).some((output) => read.has(output))) {
        skipped.push({ node: node.name, why: 'its mask is read' });
        return null;
      }
      changes.push({ node: node.name, kind: 'dropped', detail: 'passes its input on' });
      return { nodes: [], aliases: new Map([[node.outputs[0]!, node.inputs[0]!]]) };
    });
    return { graph: rewritten, changes, skipped };
  },
};
