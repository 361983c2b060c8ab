// Before: Concat(a, b) -> MaxPool -> y      After: Concat(MaxPool(a), MaxPool(b)) -> y
// Pooling never mixes channels, so each branch's pool can join the neurons of its branch.
import { consumersOf, factOf, type NodeNamed, producersOf } from '../graph/graph.ts';
import { freshNode, freshValue, onlyConsumer, rewrite } from '../graph/rewrite.ts';
import type { Change, Pass, Skipped } from './pass.ts';

/** Moves a MaxPool in front of the Concat that feeds it (along channels), one pool for each branch. */
export const splitMaxPool: Pass = {
  name: 'split-max-pool',
  summary: 'move MaxPool of a Concat into each of its branches',
  run(graph) {
    const changes: Change[] = [];
    const skipped: Skipped[] = [];
    const producers = producersOf(graph);
    const consumers = consumersOf(graph);
    const rewritten = rewrite(graph, (node) => {
      if (node.op !== 'MaxPool') return null;
      const concat = producers.get(node.inputs[0]!);
      if (concat?.op !== 'Concat') return null;
      const rank = factOf(graph, concat.outputs[0]!).shape.length;
      if ((concat.attributes.axis + rank) % rank !== 1) {
        skipped.push({ node: node.name, why: `Concat "${concat.name}" does not join channels` });
        return null;
      }
      if (concat.inputs.some((input) => graph.constants.has(input))) {
        skipped.push({ node: node.name, why: `Concat "${concat.name}" joins a constant` });
        return null;
      }
      const pools = concat.inputs.map(
        (input, i): NodeNamed<'MaxPool'> => ({
          ...node,
          name: freshNode(graph, `${node.name}/${i}`),
          inputs: [input],
          outputs: [freshValue(graph, `${node.outputs[0]}/${i}`)],
        }),
      );
      const joined: NodeNamed<'Concat'> = {
        ...concat,
        name: freshNode(graph, `${node.name}/concat`),
        inputs: pools.map((pool) => pool.outputs[0]!),
        outputs: node.outputs,
      };
      changes.push({
        node: node.name,
        kind: 'folded',
        detail: `into each branch of Concat "${concat.name}"`,
      });
      if (onlyConsumer(graph, consumers, concat.outputs[0]!) === node) {
        changes.push({ node: concat.name, kind: 'folded', detail: `behind MaxPool "${node.name}"` });
      }
      return { nodes: [...pools, joined] };
    });
    return { graph: rewritten, changes, skipped };
  },
};
