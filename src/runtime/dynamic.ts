// The check of a dynamically quantized file. Its scales depend on the image, so it is run image by image, and each product
// of our graph is fed what the file's own product reads, (q - zero) * scale; what comes out must be the file's.
import { Ann2SnnError } from '../errors.ts';
import {
  buildGraph,
  type CanonicalGraph,
  factOf,
  type Graph,
  imageShape,
  partsOf,
  type ValueId,
  valueId,
} from '../graph/graph.ts';
import { freshValue, withInputs } from '../graph/rewrite.ts';
import { graphToOnnx } from '../graph/to-onnx.ts';
import type { LoadedModel } from '../onnx/load.ts';
import { type FloatTensor, floatTensor, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { feedsOf } from './activations.ts';
import { openOriginal } from './original.ts';
import {
  EQUIVALENCE_TOLERANCE,
  notEqual,
  type OutputDifference,
  relativeDifference,
} from './relative-difference.ts';
import { openSession } from './session.ts';

/** A product whose running operand the file quantizes on the way. */
interface FedProduct {
  /** Name of the node in the file and in the graph. */
  readonly node: string;
  /** Outputs of its DynamicQuantizeLinear: q, scale, zero point. */
  readonly quantized: readonly [string, string, string];
  readonly given: ValueId;
}

/**
 * Compares every value that the file quantizes, and its outputs, with the graph's, each product on the file's own inputs.
 * @param images [N, ...], normalised as the model expects them
 * @throws Ann2SnnError `not-equivalent` naming every value that differs.
 */
export async function checkDynamic(
  model: LoadedModel,
  graph: CanonicalGraph,
  images: FloatTensor,
): Promise<readonly OutputDifference[]> {
  const fed = fedProducts(model, graph);
  const cut = cutGraph(graph, fed);
  const produced = new Set<string>(graph.nodes.flatMap((node) => node.outputs));
  const quantizers = model.model.nodes.filter((node) => node.opType === 'DynamicQuantizeLinear');
  const compared = [
    ...quantizers.map((node) => ({ file: node.inputs[0]!, ours: valueId(node.inputs[0]!) })),
    ...model.model.outputs.map(({ name }, i) => ({ file: name, ours: graph.outputs[i]! })),
  ].filter(({ file, ours }) => produced.has(ours) && !model.model.inputs.some(({ name }) => name === file));
  const original = await openOriginal(model, [
    ...compared.map(({ file }) => file),
    ...fed.flatMap(({ quantized }) => quantized),
  ]);
  const normalised = await openSession(
    graphToOnnx(cut, { freeBatch: true, expose: compared.map(({ ours }) => ours) }),
    { where: 'normalised graph' },
  );
  const apart = compared.map(() => 0);
  const shape = [1, ...images.shape.slice(1)];
  const shapes = graph.inputs.map((input) => imageShape(graph, input));
  const size = sizeOf(shape);
  try {
    for (let image = 0; image < images.shape[0]!; image++) {
      const one = floatTensor(shape, images.data.subarray(image * size, (image + 1) * size));
      const expected = await original.run(feedsOf(original, one));
      const feeds = feedsOf({ inputNames: graph.inputs, inputShapes: shapes }, one);
      for (const { quantized, given } of fed) {
        const [q, scale, zero] = quantized.map((name) => expected.get(name)!) as [Tensor, Tensor, Tensor];
        const values = Float32Array.from(q.data, (value) => (value - zero.data[0]!) * scale.data[0]!);
        feeds.set(given, floatTensor(q.shape, values));
      }
      const found = await normalised.run(feeds);
      compared.forEach(({ file, ours }, i) => {
        const relative = relativeDifference(
          expected.get(file)!.data as Float32Array,
          found.get(ours)!.data as Float32Array,
        );
        apart[i] = Math.max(apart[i]!, relative);
      });
    }
  } finally {
    await original.release();
    await normalised.release();
  }
  const differences = compared.map(({ file }, i) => ({ output: file, relative: apart[i]! }));
  const bad = differences.filter(({ relative }) => !(relative <= EQUIVALENCE_TOLERANCE));
  if (bad.length === 0) return differences;
  throw new Ann2SnnError(
    'not-equivalent',
    bad.map((difference) => notEqual(difference, EQUIVALENCE_TOLERANCE)),
    { help: 'each product was fed what the file quantizes for it' },
  );
}

function fedProducts(model: LoadedModel, graph: CanonicalGraph): FedProduct[] {
  const ours = new Set(graph.nodes.map((node) => node.name));
  return model.model.nodes.flatMap((node): FedProduct[] => {
    if (!ours.has(node.name) || !/^(Conv|MatMul)Integer$/.test(node.opType)) return [];
    const quantizer = model.model.nodes.find((maker) => maker.outputs[0] === node.inputs[0]);
    if (quantizer?.opType !== 'DynamicQuantizeLinear') return [];
    const quantized = quantizer.outputs as unknown as FedProduct['quantized'];
    return [{ node: node.name, quantized, given: freshValue(graph, `${node.name}#given`) }];
  });
}

function cutGraph(graph: CanonicalGraph, fed: readonly FedProduct[]): Graph {
  const given = new Map(fed.map((product) => [product.node, product.given]));
  const operandOf = new Map(graph.nodes.map((node) => [node.name, node.inputs[0]!]));
  const parts = partsOf(graph);
  return buildGraph({
    ...parts,
    inputs: new Map([
      ...parts.inputs,
      ...fed.map((product) => [product.given, factOf(graph, operandOf.get(product.node)!)] as const),
    ]),
    nodes: graph.nodes.map((node) =>
      given.has(node.name) ? withInputs(node, [given.get(node.name)!, ...node.inputs.slice(1)]) : node,
    ),
  });
}
