// Before: x -> FakeQuantize -> a, x -> FakeQuantize -> b      After: readers of b read a, where both round to one grid
// Exporters that give every reader a quantizer of its own write the same one several times.
import type { QuantizerNode, ValueId } from '../graph/graph.ts';
import { rewrite } from '../graph/rewrite.ts';
import type { Change, Pass } from './pass.ts';

/** Keeps one of several equal quantizers of a value. */
export const mergeQuantizers: Pass = {
  name: 'merge-quantizers',
  summary: 'keep one of several equal quantizers of a value',
  run(graph) {
    const changes: Change[] = [];
    const first = new Map<string, QuantizerNode>();
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'FakeQuantize') return null;
      const key = keyOf(node);
      const same = first.get(key);
      if (same === undefined) {
        first.set(key, node);
        return null;
      }
      changes.push({
        node: node.name,
        kind: 'folded',
        detail: `into "${same.name}", which rounds to the same grid`,
      });
      return { nodes: [], aliases: new Map<ValueId, ValueId>([[node.outputs[0]!, same.outputs[0]!]]) };
    });
    return { graph: rewritten, changes, skipped: [] };
  },
};

/** What two quantizers must have in common. */
function keyOf({ inputs, attributes }: QuantizerNode): string {
  const { scale, axis, low, high } = attributes;
  return JSON.stringify([inputs[0], scale, scale.length === 1 ? 0 : axis, low, high]);
}
