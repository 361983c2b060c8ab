// The check of dynamically quantized files: their scales depend on the image, so products are compared one by one.
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type CanonicalGraph, valueId } from '../../src/graph/graph.ts';
import type { LoadedModel } from '../../src/onnx/load.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { writeOnnxGraph } from '../../src/onnx/write.ts';
import { prepare } from '../../src/pipeline.ts';
import { isDynamic } from '../../src/runtime/activations.ts';
import { checkDynamic } from '../../src/runtime/dynamic.ts';
import { checkEquivalence } from '../../src/runtime/equivalence.ts';
import { type FloatTensor, floatTensor, tensor } from '../../src/tensor/tensor.ts';
import { MODEL } from '../cli/digits.ts';
import { node } from '../cli/tiny-onnx.ts';
import { randomTensor } from '../ops/single-node.ts';
import { refusalOf } from '../passes/refusal.ts';

const bytes = (size: number, seed: number) =>
  Array.from(randomTensor([size], seed).data, (value) => Math.round(60 * value));

/** DynamicQuantizeLinear of a value, as three values. */
const quantize = (value: string) => ({
  ...node(`${value}/quantize`, 'DynamicQuantizeLinear', [value], ''),
  outputs: [`${value}.q`, `${value}.scale`, `${value}.zero`],
});

/** [N, 1, 4, 4] -> ConvInteger of 3 channels with bias, Relu -> Flatten -> MatMulInteger to 2, as ONNX Runtime's tool writes it. */
const FILE = writeOnnxGraph(
  {
    name: 'dynamic',
    inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 1, 4, 4] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 2] }],
    nodes: [
      quantize('x'),
      node('conv', 'ConvInteger', ['x.q', 'w', 'x.zero', 'w.zero'], 'conv.int'),
      node('conv/cast', 'Cast', ['conv.int'], 'conv.float', { to: { type: 'int', value: 1 } }),
      node('conv/scales', 'Mul', ['x.scale', 'w.scale'], 'conv.scale'),
      node('conv/scaled', 'Mul', ['conv.float', 'conv.scale'], 'conv.scaled'),
      node('conv/bias', 'Add', ['conv.scaled', 'b'], 'a'),
      node('relu', 'Relu', ['a'], 'r'),
      node('flat', 'Flatten', ['r'], 'f'),
      quantize('f'),
      node('fc', 'MatMulInteger', ['f.q', 'v', 'f.zero', 'v.zero'], 'fc.int'),
      node('fc/cast', 'Cast', ['fc.int'], 'fc.float', { to: { type: 'int', value: 1 } }),
      node('fc/scales', 'Mul', ['f.scale', 'v.scale'], 'fc.scale'),
      node('fc/scaled', 'Mul', ['fc.float', 'fc.scale'], 'y'),
    ],
    initializers: new Map([
      [
        'w',
        tensor(
          'uint8',
          [3, 1, 2, 2],
          bytes(12, 1).map((value) => value + 120),
        ),
      ],
      ['w.zero', tensor('uint8', [], [120])],
      ['w.scale', floatTensor([], [0.01])],
      ['b', floatTensor([1, 3, 1, 1], [0.1, -0.2, 0.05])],
      ['v', tensor('int8', [27, 2], bytes(54, 2))],
      ['v.zero', tensor('int8', [], [0])],
      ['v.scale', floatTensor([], [0.02])],
    ]),
  },
  { opset: 13, irVersion: 8 },
);

async function prepared() {
  const file: LoadedModel = {
    ...{ model: readOnnx(FILE, { where: 'dynamic.onnx' }), bytes: FILE, sha256: '', path: 'dynamic.onnx' },
    externalData: new Map(),
  };
  const model = await prepare(file);
  return { file: model.file, graph: model.graph };
}

/** Images of very different size, so that each has scales of its own. */
const images = randomTensor([4, 1, 4, 4], 9) as FloatTensor;
images.data.forEach((value, i) => {
  images.data[i] = value * 4 ** Math.floor(i / 16);
});

/** The graph with one number changed in the first constant of that size. */
function changed(graph: CanonicalGraph, size: number, by: number): CanonicalGraph {
  const [id, value] = [...graph.constants].find(([, { data }]) => data.length === size)!;
  const data = Float32Array.from(value.data);
  data[0]! += by;
  return { ...graph, constants: new Map([...graph.constants, [id, { ...value, data }]]) };
}

describe('checkDynamic', () => {
  it('accepts the graph of the file, each image at scales of its own', async () => {
    const { file, graph } = await prepared();
    const differences = await checkDynamic(file, graph, images);
    expect(differences.map(({ output }) => output)).toEqual(['f', 'y']);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-5);
    // Run as a batch the file would answer otherwise: one scale would be for all images.
    const session = await InferenceSession.create(FILE);
    const run = async (x: FloatTensor) =>
      (await session.run({ x: new OrtTensor('float32', x.data, [...x.shape]) })).y!.data as Float32Array;
    const together = await run(images);
    const alone = await run(floatTensor([1, 1, 4, 4], images.data.subarray(0, 16)));
    await session.release();
    expect(together.slice(0, 2)).not.toEqual(alone);
  });

  it('is what a dynamically quantized file is checked by, and others are not', async () => {
    const { file, graph } = await prepared();
    expect(isDynamic(file.model)).toBe(true);
    expect(isDynamic((await prepare(MODEL)).file.model)).toBe(false);
    expect(await checkEquivalence(file, graph, images, null)).toEqual(
      await checkDynamic(file, graph, images),
    );
  });

  it.each([
    ['a weight of the convolution', 12, 0.05, ['value "f"']],
    ['its bias', 3, 0.05, ['value "f"']],
    ['a weight of the last layer', 54, 0.05, ['value "y"']],
  ] as const)('names the value behind a wrong number: %s', async (_, size, by, expected) => {
    const { file, graph } = await prepared();
    const refusal = await refusalOf(() => checkDynamic(file, changed(graph, size, by), images));
    expect(refusal.code).toBe('not-equivalent');
    expect(refusal.problems.map(({ where }) => where)).toEqual(expected);
    expect(refusal.help).toBe('each product was fed what the file quantizes for it');
  });

  it('never takes what is no number for the same', async () => {
    const { file, graph } = await prepared();
    const spoilt = floatTensor(images.shape, images.data.with(0, Number.POSITIVE_INFINITY));
    expect((await refusalOf(() => checkDynamic(file, graph, spoilt))).code).toBe('not-equivalent');
  });

  it('names every value behind a wrong scale', async () => {
    const { file, graph } = await prepared();
    const constants = new Map(
      [...graph.constants].map(([id, value]) => {
        const scaled = value.data.length === 12 || value.data.length === 54;
        return [
          id,
          scaled ? { ...value, data: Float32Array.from(value.data, (w) => w * 1.01) } : value,
        ] as const;
      }),
    );
    const refusal = await refusalOf(() => checkDynamic(file, { ...graph, constants }, images));
    expect(refusal.problems.map(({ where }) => where)).toEqual(['value "f"', 'value "y"']);
    expect(graph.facts.has(valueId('f'))).toBe(true);
  });
});
