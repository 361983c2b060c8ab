// Before: Split(x) -> a, b, c      After: Slice(x) -> a, Slice(x) -> c      b is read by nobody
import { consumersOf, type NodeNamed } from '../graph/graph.ts';
import { freshNode, rewrite } from '../graph/rewrite.ts';
import { partOf } from '../ops/split.ts';
import type { Change, Pass } from './pass.ts';

/** Rewrites Split as one Slice for each part that is read; the first keeps the name of the node. */
export const lowerSplit: Pass = {
  name: 'lower-split',
  summary: 'rewrite Split as one Slice for each part that is read',
  run(graph) {
    const changes: Change[] = [];
    const read = new Set([...consumersOf(graph).keys(), ...graph.outputs]);
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'Split') return null;
      const parts = node.outputs.flatMap((output, part) => (read.has(output) ? [part] : []));
      changes.push({ node: node.name, kind: 'lowered', detail: `Split as ${parts.length} Slice` });
      return {
        nodes: parts.map(
          (part, i): NodeNamed<'Slice'> => ({
            name: i === 0 ? node.name : freshNode(graph, `${node.name}/${part}`),
            op: 'Slice',
            attributes: partOf(node.attributes, part),
            inputs: node.inputs,
            outputs: [node.outputs[part]!],
          }),
        ),
      };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};
