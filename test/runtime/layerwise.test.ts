// The check of quantized files: it accepts the embedded network, and names the quantizer at which a graph is wrong.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import type { CanonicalGraph, NodeNamed } from '../../src/graph/graph.ts';
import type { LoadedModel } from '../../src/onnx/load.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { firstImages, type PreparedModel, prepare, preprocessingFor, verify } from '../../src/pipeline.ts';
import { checkLayers, isQuantized, TIE_FRACTION } from '../../src/runtime/layerwise.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { MODEL, SCALE, TEST_SET } from '../cli/digits.ts';
import { encode, floatInfo } from '../onnx/fixtures.ts';
import { refusalOf } from '../passes/refusal.ts';

const embedded = (file: string) => fileURLToPath(new URL(`../../models/${file}`, import.meta.url));
const QUANTIZERS = ['image.quantized', 'stem.quantized', 'first.quantized', 'sum.quantized'];

let model: PreparedModel;
let images: FloatTensor;

beforeAll(async () => {
  model = await prepare(embedded('digits-int8.onnx'));
  const set = await openDataset(TEST_SET);
  images = await firstImages(model, set, preprocessingFor(set, { scale: SCALE }), 6);
});

const check = (graph: CanonicalGraph) => checkLayers(model.file, graph, images, null);

type Quantizer = NodeNamed<'FakeQuantize'>;

/** The graph with the attributes of one quantizer changed. */
function requantized(name: string, change: Partial<Quantizer['attributes']>): CanonicalGraph {
  const nodes = model.graph.nodes.map((node) =>
    node.name === name && node.op === 'FakeQuantize'
      ? { ...node, attributes: { ...node.attributes, ...change } }
      : node,
  );
  expect(nodes).not.toEqual(model.graph.nodes);
  return { ...model.graph, nodes };
}

const attributesOf = (name: string) =>
  (model.graph.nodes.find((node) => node.name === name) as Quantizer).attributes;

/** The graph with one number of a node's weights changed by some steps of their grid. */
function reweighted(graph: CanonicalGraph, name: string, steps: number): CanonicalGraph {
  const id = graph.nodes.find((node) => node.name === name)!.inputs[1]!;
  const weights = graph.constants.get(id)!;
  const data = Float32Array.from(weights.data);
  data[0]! += steps * weights.grid!.scale[0]!;
  return { ...graph, constants: new Map([...graph.constants, [id, { ...weights, data }]]) };
}

async function namedBy(graph: CanonicalGraph): Promise<string[]> {
  const refusal = await refusalOf(() => check(graph));
  expect(refusal.code).toBe('not-equivalent');
  expect(refusal.help).toContain('each layer was fed what ONNX Runtime computes for the file');
  for (const { message } of refusal.problems) {
    expect(message).toMatch(/^expected the (integers of the file, found \d+ of \d+ others|normalised graph)/);
  }
  return refusal.problems.map(({ where }) => where);
}

describe('checkLayers', () => {
  it('accepts the graph of the file, with a figure for each quantizer and output', async () => {
    const differences = await check(model.graph);
    expect(differences.map(({ output }) => output)).toEqual([...QUANTIZERS, 'logits']);
    const integers = differences.slice(0, -1);
    for (const { relative } of integers) expect(relative).toBeLessThanOrEqual(TIE_FRACTION);
    expect(differences.at(-1)!.relative).toBeLessThan(1e-5);
  });

  it('is what the pipeline verifies a quantized model by, and a float one not', async () => {
    const set = await openDataset(TEST_SET);
    const differences = await verify(model, set, preprocessingFor(set, { scale: SCALE }));
    expect(differences.map(({ output }) => output)).toEqual([...QUANTIZERS, 'logits']);
    expect(isQuantized(model.graph)).toBe(true);
    expect(isQuantized((await prepare(MODEL)).graph)).toBe(false);
  });

  it.each([
    ['stem.conv', 'stem.quantized'],
    ['first.conv', 'first.quantized'],
    ['second.conv', 'sum.quantized'],
    ['shortcut.conv', 'sum.quantized'],
  ])('names the quantizer behind a wrong weight of %s alone: %s', async (conv, quantizer) => {
    expect(await namedBy(reweighted(model.graph, conv, 60))).toEqual([`quantizer "${quantizer}"`]);
  });

  it('names the output behind a wrong weight of the last layer', async () => {
    expect(await namedBy(reweighted(model.graph, 'logits', 60))).toEqual(['value "logits"']);
  });

  it.each(QUANTIZERS)('names the quantizer whose zero point is wrong: %s', async (name) => {
    expect(await namedBy(requantized(name, { zeroPoint: 1 }))).toContain(`quantizer "${name}"`);
  });

  it.each(QUANTIZERS)('names the quantizer whose scale is wrong: %s', async (name) => {
    const scale = attributesOf(name).scale.map((step) => step * 1.1);
    expect(await namedBy(requantized(name, { scale }))).toContain(`quantizer "${name}"`);
  });

  it.each(QUANTIZERS.slice(1))('names the quantizer whose range is wrong: %s', async (name) => {
    expect(await namedBy(requantized(name, { high: 100 }))).toEqual([`quantizer "${name}"`]);
  });

  it('names every quantizer that is wrong at once', async () => {
    const both = reweighted(reweighted(model.graph, 'stem.conv', 60), 'second.conv', 60);
    expect(await namedBy(both)).toEqual(['quantizer "stem.quantized"', 'quantizer "sum.quantized"']);
  });
});

describe('a file of 4-bit integers, of which ONNX Runtime can put out none', () => {
  const bits = (values: readonly number[]) =>
    Uint8Array.from({ length: Math.ceil(values.length / 2) }, (_, i) => {
      return (values[2 * i]! & 15) | (((values[2 * i + 1] ?? 0) & 15) << 4);
    });

  /** x [N, 4] on uint4 -> Gemm with int4 weights -> Relu on uint4 -> Gemm with int4 weights -> y [N, 2]. */
  const bytes = encode(
    {
      name: 'nibbles',
      input: [floatInfo('x', ['N', 4])],
      output: [floatInfo('y', ['N', 2])],
      initializer: [
        { name: 's', dims: [], dataType: 1, floatData: [0.25] },
        { name: 'z', dims: [], dataType: 21, rawData: Uint8Array.of(3) },
        { name: 't', dims: [], dataType: 1, floatData: [0.5] },
        { name: 'zero', dims: [], dataType: 21, rawData: Uint8Array.of(0) },
        { name: 'u', dims: [], dataType: 1, floatData: [0.125] },
        { name: 'w', dims: [3, 4], dataType: 22, rawData: bits([7, -8, 3, 1, -2, 5, 6, -1, 4, 4, -7, 2]) },
        { name: 'v', dims: [2, 3], dataType: 22, rawData: bits([1, -3, 5, 7, 2, -6]) },
        { name: 'b', dims: [3], dataType: 1, floatData: [0.5, 0.3, 1] },
      ],
      node: [
        { name: 'xq', opType: 'QuantizeLinear', input: ['x', 's', 'z'], output: ['x.q'] },
        { name: 'xd', opType: 'DequantizeLinear', input: ['x.q', 's', 'z'], output: ['x.d'] },
        { name: 'wd', opType: 'DequantizeLinear', input: ['w', 'u'], output: ['w.d'] },
        {
          ...{ name: 'a', opType: 'Gemm', input: ['x.d', 'w.d', 'b'], output: ['a'] },
          attribute: [{ name: 'transB', type: 2, i: 1 }],
        },
        { name: 'r', opType: 'Relu', input: ['a'], output: ['r'] },
        { name: 'rq', opType: 'QuantizeLinear', input: ['r', 't', 'zero'], output: ['r.q'] },
        { name: 'rd', opType: 'DequantizeLinear', input: ['r.q', 't', 'zero'], output: ['r.d'] },
        { name: 'vd', opType: 'DequantizeLinear', input: ['v', 'u'], output: ['v.d'] },
        {
          ...{ name: 'y', opType: 'Gemm', input: ['r.d', 'v.d'], output: ['y'] },
          attribute: [{ name: 'transB', type: 2, i: 1 }],
        },
      ],
    },
    { irVersion: 10, opsetImport: [{ domain: '', version: 21 }] },
  );
  const x = floatTensor([3, 4], [0.25, 1, -0.5, 3, 2.8, 0.1, 0.6, -9, 1.5, 2.25, 0.75, 0.3]);

  async function nibbles() {
    const file: LoadedModel = {
      ...{ model: readOnnx(bytes, { where: 'nibbles.onnx' }), bytes, sha256: '', path: 'nibbles.onnx' },
      externalData: new Map(),
    };
    return prepare(file);
  }

  it('is compared by what the integers stand for', async () => {
    const prepared = await nibbles();
    const differences = await checkLayers(prepared.file, prepared.graph, x, null);
    expect(differences.map(({ output }) => output)).toEqual(['xq', 'rq', 'y']);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-6);
  });

  it('is refused with a wrong weight, naming the quantizer', async () => {
    const prepared = await nibbles();
    const graph = reweighted(prepared.graph, 'a', 6);
    const refusal = await refusalOf(() => checkLayers(prepared.file, graph, x, null));
    expect(refusal.problems.map(({ where }) => where)).toEqual(['quantizer "rq"']);
  });
});
