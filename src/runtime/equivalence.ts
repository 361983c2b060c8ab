// Before anything is converted: does the graph as we understood it compute what the file computes?
import { Ann2SnnError } from '../errors.ts';
import { type CanonicalGraph, opOf, type ValueId } from '../graph/graph.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import { exposeValues } from '../onnx/expose.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { FIRST_RUNNABLE_OPSET, upgradeLegacy } from '../onnx/upgrade-legacy.ts';
import { writeOnnx } from '../onnx/write.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import { collectOutputs } from './activations.ts';
import { openSession, type Session } from './session.ts';

/** Largest max|a-b| / max|a| of an output that counts as the same function in float32. */
const EQUIVALENCE_TOLERANCE = 1e-4;
/** The same for files in float16, whose own rounding is 2^-11 per operation. */
const HALF_EQUIVALENCE_TOLERANCE = 1e-2;

/** How far one output of the normalised graph is from the file's. */
export interface OutputDifference {
  readonly output: string;
  readonly relative: number;
}

/**
 * Runs the file and the normalised graph, both in ONNX Runtime, on the same images and compares every output.
 * @param images [N, ...], normalised as the model expects them
 * @throws Ann2SnnError `not-equivalent`, naming the outputs and the first node whose value differs.
 */
export async function checkEquivalence(
  model: LoadedModel,
  graph: CanonicalGraph,
  images: FloatTensor,
  fixedBatch: number | null,
): Promise<readonly OutputDifference[]> {
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
    bad.map(({ output, relative }) => ({
      where: `value "${output}"`,
      message: `expected the normalised graph to equal the file within ${tolerance}, found max|a-b|/max|a| = ${relative.toPrecision(3)}`,
    })),
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

/** The file itself in ONNX Runtime, with more of its values put out. */
export function openOriginal(model: LoadedModel, expose: readonly string[] = []): Promise<Session> {
  const runs = model.model.opset >= FIRST_RUNNABLE_OPSET;
  const bytes = runs ? model.bytes : writeOnnx(upgradeLegacy(model.model));
  return openSession(exposeValues(bytes, expose), {
    where: model.path,
    ...(model.externalData.size === 0 ? {} : { externalData: model.externalData }),
  });
}

/** max|a-b| / max|a|; NaN where either holds NaN, so that it never passes. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(gap)) return Number.NaN;
    if (gap > difference) difference = gap;
    const magnitude = Math.abs(a[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  return difference === 0 ? 0 : difference / largest;
}
