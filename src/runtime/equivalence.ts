// Before anything is converted: does the graph as we understood it compute what the file computes?
import { Ann2SnnError } from '../errors.ts';
import { type CanonicalGraph, opOf, type ValueId } from '../graph/graph.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import type { LoadedModel } from '../onnx/load.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import { collectOutputs, isDynamic } from './activations.ts';
import { checkDynamic } from './dynamic.ts';
import { checkLayers, isQuantized } from './layerwise.ts';
import { openOriginal } from './original.ts';
import {
  EQUIVALENCE_TOLERANCE,
  notEqual,
  type OutputDifference,
  relativeDifference,
} from './relative-difference.ts';
import { openSession } from './session.ts';

/** The same for files in float16, whose own rounding is 2^-11 per operation. */
const HALF_EQUIVALENCE_TOLERANCE = 1e-2;

/**
 * Runs the file and the normalised graph, both in ONNX Runtime, on the same images and compares every output; of a
 * quantized file every layer, each on the file's own inputs.
 * @param images [N, ...], normalised as the model expects them
 * @throws Ann2SnnError `not-equivalent`, naming the outputs and the first node whose value differs.
 */
export async function checkEquivalence(
  model: LoadedModel,
  graph: CanonicalGraph,
  images: FloatTensor,
  fixedBatch: number | null,
): Promise<readonly OutputDifference[]> {
  if (isQuantized(graph)) return checkLayers(model, graph, images, fixedBatch);
  if (isDynamic(model.model)) return checkDynamic(model, graph, images);
  const tolerance = model.model.inputs.some((info) => info.half)
    ? HALF_EQUIVALENCE_TOLERANCE
    : EQUIVALENCE_TOLERANCE;
  const inFile = new Set(model.model.nodes.flatMap((node) => node.outputs));
  const produced = new Set<string>(graph.nodes.flatMap((node) => node.outputs));
  // A Softmax hides a difference in all scores but the largest: what goes into it is compared as well.
  const scores = graph.nodes.filter((node) => opOf(node).role === 'head').map((node) => node.inputs[0]!);
  const pairs = [
    ...model.model.outputs
      .map((output, i) => ({ file: output.name, ours: graph.outputs[i]! }))
      .filter((pair) => produced.has(pair.ours)),
    ...scores.filter((value) => inFile.has(value)).map((value) => ({ file: value, ours: value })),
  ];
  const differences = await compare(model, graph, images, fixedBatch, pairs);
  const bad = differences.filter((difference) => !(difference.relative <= tolerance));
  if (bad.length === 0) return differences;

  const shared = graph.nodes.flatMap((node) => node.outputs).filter((value) => inFile.has(value));
  const inner = await compare(
    model,
    graph,
    images,
    fixedBatch,
    shared.map((value) => ({ file: value, ours: value })),
  );
  const first = inner.find((difference) => !(difference.relative <= tolerance));
  const culprit = graph.nodes.find((node) => node.outputs.some((output) => output === first?.output));
  throw new Ann2SnnError(
    'not-equivalent',
    bad.map((difference) => notEqual(difference, tolerance)),
    culprit === undefined
      ? {}
      : {
          help: `the first value that differs is "${first!.output}" of node "${culprit.name}" (${culprit.op}, ${first!.relative.toPrecision(3)})`,
        },
  );
}

async function compare(
  model: LoadedModel,
  graph: CanonicalGraph,
  images: FloatTensor,
  fixedBatch: number | null,
  pairs: readonly { readonly file: string; readonly ours: ValueId }[],
): Promise<OutputDifference[]> {
  const original = await openOriginal(
    model,
    pairs.map((pair) => pair.file),
  );
  const normalised = await openSession(
    graphToOnnx(graph, { freeBatch: true, expose: pairs.map((pair) => pair.ours) }),
    { where: 'normalised graph' },
  );
  try {
    const expected = await collectOutputs(
      original,
      images,
      fixedBatch,
      pairs.map((pair) => pair.file),
    );
    const found = await collectOutputs(
      normalised,
      images,
      null,
      pairs.map((pair) => pair.ours),
    );
    return pairs.map((pair) => ({
      output: pair.file,
      relative: relativeDifference(expected.get(pair.file)!, found.get(pair.ours)!),
    }));
  } finally {
    await original.release();
    await normalised.release();
  }
}
