// Frees the batch axis. Until here shapes were those of one image (or of the batch that the file fixes); the
// spiking network folds time into the batch, so every node must leave axis 0 alone.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { buildGraph, factOf, type Graph, type Node, partsOf, type ValueId } from '../graph/graph.ts';
import { sameShape, showShape } from '../tensor/tensor.ts';

/** A batch size that no exported shape holds by accident: whatever scales with it is batch, the rest is not. */
const PROBE_BATCH = 8191;

/**
 * Makes every Reshape keep axis 0 and states all facts for a batch of 1.
 * @throws Ann2SnnError `batch-dependence`, naming every node that mixes, moves or splits the images of a batch.
 */
export function releaseBatch(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) => (node.op === 'Reshape' ? keepingBatch(graph, node) : node));
  checkBatchFree(graph, nodes);
  return withBatch(graph, nodes, 1);
}

function keepingBatch(graph: Graph, node: Extract<Node, { op: 'Reshape' }>): Node {
  const from = factOf(graph, node.inputs[0]!).shape;
  const to = factOf(graph, node.outputs[0]!).shape;
  if (from[0] !== to[0]) return node;
  return { ...node, attributes: { shape: [0, ...to.slice(1)], allowZero: false } };
}

/** Axis 0 must scale with the batch and nothing else may; what reads a value that already went wrong is not named. */
function checkBatchFree(graph: Graph, nodes: readonly Node[]): void {
  const probed = probe(graph, nodes);
  const spoilt = new Set<ValueId>();
  const problems: Problem[] = [];
  for (const node of nodes) {
    const mixes = normalisesImages(node) || node.outputs.some((output) => !keepsBatch(graph, probed, output));
    const inherited = node.inputs.some((input) => spoilt.has(input));
    if (!mixes && !inherited) continue;
    for (const output of node.outputs) spoilt.add(output);
    if (inherited) continue;
    const shape = showShape(factOf(graph, node.outputs[0]!).shape);
    problems.push({
      where: `node "${node.name}" (${node.op})`,
      message: `expected axis 0 of its output ${shape} to be the batch, but it mixes or moves the images of a batch`,
    });
  }
  throwIfAny('batch-dependence', problems, {
    help: 'export the model so that axis 0 stays the batch in every layer',
  });
}

function keepsBatch(graph: Graph, probed: Graph, value: ValueId): boolean {
  const [batch, ...rest] = factOf(probed, value).shape;
  return batch === PROBE_BATCH && sameShape(rest, factOf(graph, value).shape.slice(1));
}

/** What normalises over the batch keeps every shape and yet mixes images. */
function normalisesImages(node: Node): boolean {
  switch (node.op) {
    case 'Softmax':
    case 'LogSoftmax':
    case 'LayerNormalization':
      return node.attributes.axis === 0;
    case 'MeanVarianceNormalization':
      return node.attributes.axes.includes(0);
    default:
      return false;
  }
}

function probe(graph: Graph, nodes: readonly Node[]): Graph {
  try {
    return withBatch(graph, nodes, PROBE_BATCH);
  } catch (error) {
    if (!(error instanceof Ann2SnnError)) throw error;
    throw new Ann2SnnError(
      'batch-dependence',
      error.problems.map((problem) => ({
        where: problem.where,
        message: `works only for the batch size in the file (${problem.message})`,
      })),
      { help: 'export the model with a free batch axis', cause: error },
    );
  }
}

function withBatch(graph: Graph, nodes: readonly Node[], batch: number): Graph {
  const parts = partsOf(graph);
  const inputs = new Map(
    [...parts.inputs].map(([id, fact]) => [id, { ...fact, shape: [batch, ...fact.shape.slice(1)] }]),
  );
  return buildGraph({ ...parts, inputs, nodes });
}
