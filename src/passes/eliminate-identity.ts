// Before: x -> Identity -> y, x -> Dropout -> y, x -> Expand to its own shape -> y      After: readers of y read x
import { consumersOf, factOf, type Graph, type Node } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import { sameShape } from '../tensor/tensor.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Drops nodes that pass their input on: Identity, Dropout, which does so in inference, and Expand of what has the shape. */
export const eliminateIdentity: Pass = {
  name: 'eliminate-identity',
  summary: 'drop Identity, Dropout and an Expand that repeats nothing',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const read = new Set([...consumersOf(graph).keys(), ...graph.outputs]);
    const rewritten = rewrite(graph, (node) => {
      if (!passesOn(graph, node)) return null;
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

function passesOn(graph: Graph, node: Node): boolean {
  if (node.op === 'Identity' || node.op === 'Dropout') return true;
  if (node.op !== 'Expand') return false;
  return sameShape(factOf(graph, node.inputs[0]!).shape, factOf(graph, node.outputs[0]!).shape);
}
