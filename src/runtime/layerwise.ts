// The check of a quantized file: rounding makes a network chaotic, a float32 tie that falls otherwise changes every layer
// behind it. So each layer is fed what ONNX Runtime computed for the file, and its own integers are compared.
import { Ann2SnnError, type Problem } from '../errors.ts';
import {
  buildGraph,
  type CanonicalGraph,
  type CanonicalNode,
  factOf,
  type Graph,
  imageShape,
  partsOf,
  type QuantizerNode,
  type ValueId,
  valueId,
} from '../graph/graph.ts';
import { freshValue, withInputs } from '../graph/rewrite.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import { isFourBit } from '../onnx/four-bit.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { scaleAt } from '../tensor/grid.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf } from '../tensor/tensor.ts';
import { collectOutputs, feedsOf } from './activations.ts';
import { openOriginal } from './original.ts';
import {
  EQUIVALENCE_TOLERANCE,
  notEqual,
  type OutputDifference,
  relativeDifference,
} from './relative-difference.ts';
import { openSession } from './session.ts';

/** Largest fraction of integers that may differ, by one each: float32 ties of ONNX Runtime's own arithmetic. */
export const TIE_FRACTION = 1e-4;
/** In one layer alone, where a few elements are already a larger fraction. */
const LAYER_TIE_FRACTION = 2e-3;

/** Images compared at once. */
const CHUNK = 4;

/** The integers of one quantizer, our lowered graph against the file, on the file's own inputs. */
interface LayerDifference {
  readonly quantizer: string;
  readonly integers: number;
  readonly differing: number;
  /** Largest difference. */
  readonly worst: number;
}

/** A running value that readers are fed from the file: q in the file stands for (q - zeroPoint) * scale. */
interface Fed {
  readonly node: QuantizerNode;
  /** The quantized value in the file. */
  readonly file: ValueId;
  /** The input of the cut graph that takes its place. */
  readonly given: ValueId;
}

/** Whether the graph has integers to compare. */
export function isQuantized(graph: CanonicalGraph): boolean {
  return graph.nodes.some((node) => node.op === 'FakeQuantize');
}

/**
 * Runs file and graph in ONNX Runtime, each layer of the graph on the file's own inputs, and compares the integers of every
 * quantizer.
 * @param images [N, ...], normalised as the model expects them
 * @throws Ann2SnnError `not-equivalent` naming every quantizer that differs by more than rounding.
 */
export async function checkLayers(
  model: LoadedModel,
  graph: CanonicalGraph,
  images: FloatTensor,
  fixedBatch: number | null,
): Promise<readonly OutputDifference[]> {
  const inFile = new Set(model.model.nodes.flatMap((node) => node.outputs));
  const fed = graph.nodes.flatMap((node): Fed[] => {
    if (node.op !== 'FakeQuantize') return [];
    const file = readable(model, node.outputs[0]!, inFile);
    return file === undefined ? [] : [{ node, file, given: freshValue(graph, `${node.outputs[0]}#given`) }];
  });
  const cut = cutGraph(graph, fed);
  const rounded = new Set(graph.nodes.flatMap((node) => (node.op === 'FakeQuantize' ? node.outputs : [])));
  const ends = model.model.outputs
    .map(({ name }, i) => ({ name, ours: graph.outputs[i]! }))
    .filter(({ ours }) => cut.outputs.includes(ours) && !rounded.has(ours));
  const wanted = [...new Set<string>([...fed.map(({ file }) => file), ...ends.map(({ name }) => name)])];
  const original = await openOriginal(model, wanted, 'disabled');
  const ours = await openSession(graphToOnnx(cut, { freeBatch: true }), { where: 'normalised graph' });
  const found = fed.map(() => ({ integers: 0, differing: 0, worst: 0 }));
  const apart = ends.map(() => 0);
  const size = sizeOf(images.shape.slice(1));
  const shapes = graph.inputs.map((input) => imageShape(graph, input));
  try {
    for (let from = 0; from < images.shape[0]!; from += CHUNK) {
      const count = Math.min(CHUNK, images.shape[0]! - from);
      const batch = floatTensor(
        [count, ...images.shape.slice(1)],
        images.data.subarray(from * size, (from + count) * size),
      );
      const expected = await collectOutputs(original, batch, fixedBatch, wanted);
      const numbers = fed.map((entry) => integersOf(entry, expected.get(entry.file)!));
      const feeds = feedsOf({ inputNames: graph.inputs, inputShapes: shapes }, batch);
      fed.forEach(({ node, given }, i) => {
        const shape = [count, ...factOf(graph, node.outputs[0]!).shape.slice(1)];
        feeds.set(given, dequantized(node, numbers[i]!, shape));
      });
      const outputs = await ours.run(feeds, cut.outputs);
      ends.forEach(({ name, ours: value }, i) => {
        const relative = relativeDifference(expected.get(name)!, outputs.get(value)!.data as Float32Array);
        apart[i] = Math.max(apart[i]!, relative);
      });
      fed.forEach(({ node }, i) => {
        const { data, shape } = outputs.get(node.outputs[0]!)!;
        compare(found[i]!, node, shape, numbers[i]!, data);
      });
    }
  } finally {
    await original.release();
    await ours.release();
  }
  const outputs = ends.map(({ name }, i) => ({ output: name, relative: apart[i]! }));
  const differences = fed.map(({ node }, i) => ({ quantizer: node.name, ...found[i]! }));
  requireTies(differences, outputs);
  return [
    ...differences.map(({ quantizer, integers, differing }) => ({
      output: quantizer,
      relative: differing / integers,
    })),
    ...outputs,
  ];
}

/** The value of the file that holds a quantizer's integers; of 4-bit ones, which cannot be put out, its dequantized value. */
function readable(model: LoadedModel, value: ValueId, inFile: ReadonlySet<string>): ValueId | undefined {
  if (!inFile.has(value)) return undefined;
  if (!isFourBit(model.model, value)) return value;
  const reader = model.model.nodes.find(
    (node) => node.opType === 'DequantizeLinear' && node.inputs[0] === value,
  );
  return reader === undefined ? undefined : valueId(reader.outputs[0]!);
}

/** q - Z of every element. */
function integersOf({ node, file }: Fed, values: Float32Array): Float32Array {
  const { zeroPoint, scale } = node.attributes;
  return file === node.outputs[0]
    ? values.map((value) => value - zeroPoint)
    : values.map((value) => Math.round(value / scale[0]!));
}

function dequantized(node: QuantizerNode, integers: Float32Array, shape: Shape): FloatTensor {
  return floatTensor(
    shape,
    integers.map((value, i) => value * scaleAt(node.attributes, shape, i)),
  );
}

/** The graph with every reader of a quantizer fed from outside. */
function cutGraph(graph: CanonicalGraph, fed: readonly Fed[]): Graph<CanonicalNode> {
  const given = new Map(fed.map((entry) => [entry.node.outputs[0]!, entry.given]));
  const parts = partsOf(graph);
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs));
  return buildGraph({
    ...parts,
    inputs: new Map([
      ...parts.inputs,
      ...fed.map((entry) => [entry.given, factOf(graph, entry.node.outputs[0]!)] as const),
    ]),
    nodes: graph.nodes.map((node) =>
      withInputs(
        node,
        node.inputs.map((input) => given.get(input) ?? input),
      ),
    ),
    outputs: [...new Set([...fed.map(({ node }) => node.outputs[0]!), ...graph.outputs])].filter((o) =>
      produced.has(o),
    ),
  });
}

function compare(
  sums: { integers: number; differing: number; worst: number },
  { attributes }: QuantizerNode,
  shape: Shape,
  expected: Float32Array,
  values: ArrayLike<number>,
): void {
  sums.integers += expected.length;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(Math.round(values[i]! / scaleAt(attributes, shape, i)) - expected[i]!);
    if (difference === 0) continue;
    sums.differing++;
    sums.worst = Math.max(sums.worst, difference);
  }
}

/** Throws where more than ties differ. */
function requireTies(differences: readonly LayerDifference[], outputs: readonly OutputDifference[]): void {
  const total = (pick: (difference: LayerDifference) => number) =>
    differences.reduce((sum, difference) => sum + pick(difference), 0);
  const allowed = Math.max(1, TIE_FRACTION * total(({ integers }) => integers));
  const tooMany = total(({ differing }) => differing) > allowed;
  const problems: Problem[] = differences
    .filter(({ integers, differing, worst }) => {
      const ties = Math.max(1, LAYER_TIE_FRACTION * integers);
      return (
        worst > 1 ||
        Number.isNaN(worst) ||
        differing > ties ||
        (tooMany && differing > TIE_FRACTION * integers)
      );
    })
    .map(({ quantizer, integers, differing, worst }) => ({
      where: `quantizer "${quantizer}"`,
      message: `expected the integers of the file, found ${differing} of ${integers} others (by up to ${worst})`,
    }));
  for (const difference of outputs) {
    if (!(difference.relative <= EQUIVALENCE_TOLERANCE))
      problems.push(notEqual(difference, EQUIVALENCE_TOLERANCE));
  }
  if (problems.length === 0) return;
  throw new Ann2SnnError('not-equivalent', problems, {
    help: 'each layer was fed what ONNX Runtime computes for the file; at most 1 in 10,000 may differ, by 1',
  });
}
