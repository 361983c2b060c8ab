// Products of whole numbers beyond 2^24: against plain loops over BigInt, and inside a whole network.
import { describe, expect, it } from 'vitest';
import { dense } from '../../../src/engines/dense/index.ts';
import { reference } from '../../../src/engines/reference/index.ts';
import { runQuantizedAnn } from '../../../src/engines/reference/quantized-ann.ts';
import { type CanonicalGraph, type NodeNamed, opOf } from '../../../src/graph/graph.ts';
import { writeOnnxGraph } from '../../../src/onnx/write.ts';
import { EMITTED_IR_VERSION, EMITTED_OPSET } from '../../../src/ops/op.ts';
import { openSession } from '../../../src/runtime/session.ts';
import { currentBounds } from '../../../src/snn/network/current-bounds.ts';
import type { LinearSnnNode } from '../../../src/snn/network/network.ts';
import { GraphBuilder } from '../../../src/snn/onnx/builder.ts';
import { exactProduct, FLOAT32_EXACT } from '../../../src/snn/onnx/exact-product.ts';
import { floatTensor, type Shape, sizeOf, tensor } from '../../../src/tensor/tensor.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { quantizedNetwork } from '../quantized-network.ts';
import { uniform } from '../tiny.ts';

interface ConvCase {
  readonly title: string;
  /** [C, ...spatial] of the image, [outputs, C / group, ...kernel]. */
  readonly image: readonly number[];
  readonly weights: readonly number[];
  readonly pads?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly group?: number;
}

const CASES: readonly ConvCase[] = [
  { title: '1 x 1', image: [1000, 2, 3], weights: [3, 1000, 1, 1] },
  {
    title: 'padding that differs on each side',
    image: [160, 4, 3],
    weights: [2, 160, 3, 2],
    pads: [1, 0, 2, 1],
  },
  { title: 'strides', image: [110, 6, 7], weights: [2, 110, 3, 3], pads: [1, 1, 1, 1], strides: [2, 3] },
  { title: 'dilations', image: [110, 7, 8], weights: [2, 110, 3, 3], pads: [2, 1, 1, 2], dilations: [2, 3] },
  { title: 'groups', image: [220, 4, 4], weights: [4, 110, 3, 3], pads: [1, 1, 1, 1], group: 2 },
  { title: 'depthwise', image: [3, 34, 34], weights: [3, 1, 32, 32], group: 3 },
  {
    title: 'all of it',
    image: [210, 7, 8],
    weights: [6, 70, 4, 4],
    pads: [1, 2, 0, 1],
    strides: [2, 1],
    dilations: [1, 2],
    group: 3,
  },
  {
    title: 'one dimension',
    image: [240, 9],
    weights: [2, 240, 5],
    pads: [2, 1],
    strides: [2],
    dilations: [2],
  },
];

const IMAGES = 2;
const next = uniform(77);
const ternary = (size: number) => Float32Array.from({ length: size }, () => Math.floor(3 * next()) - 1);
/** Mostly one sign, so that sums grow. */
const sixteenBits = (size: number) =>
  Int16Array.from({ length: size }, () => (next() < 0.02 ? -1 : 1) * Math.floor(32768 * (1 - 0.2 * next())));

/** sum over the window of w x, one output position after the other. */
function convolved(conv: Required<ConvCase>, x: Float32Array, w: Int16Array): number[] {
  const [channels, ...spatial] = conv.image as [number, ...number[]];
  const [outputs, fan, ...kernel] = conv.weights as [number, number, ...number[]];
  const axes = spatial.length;
  const out = spatial.map((size, a) => {
    const reach = conv.dilations[a]! * (kernel[a]! - 1) + 1;
    return Math.floor((size + conv.pads[a]! + conv.pads[axes + a]! - reach) / conv.strides[a]!) + 1;
  });
  const results: number[] = [];
  for (let image = 0; image < IMAGES; image++) {
    for (let o = 0; o < outputs; o++) {
      for (const position of places(out)) {
        let sum = 0n;
        for (let c = 0; c < fan; c++) {
          const channel = Math.floor(o / (outputs / conv.group)) * fan + c;
          for (const [tap, offset] of [...places(kernel)].entries()) {
            const at = position.map(
              (p, a) => p * conv.strides[a]! + offset[a]! * conv.dilations[a]! - conv.pads[a]!,
            );
            if (at.some((p, a) => p < 0 || p >= spatial[a]!)) continue;
            const pixel = at.reduce((flat, p, a) => flat * spatial[a]! + p, image * channels + channel);
            sum += BigInt(x[pixel]!) * BigInt(w[(o * fan + c) * sizeOf(kernel) + tap]!);
          }
        }
        results.push(Number(sum));
      }
    }
  }
  return results;
}

function* places(sizes: readonly number[]): Generator<number[]> {
  for (let flat = 0; flat < sizeOf(sizes); flat++) {
    let rest = flat;
    const at = [...sizes];
    for (let a = sizes.length - 1; a >= 0; a--) {
      at[a] = rest % sizes[a]!;
      rest = Math.floor(rest / sizes[a]!);
    }
    yield at;
  }
}

/** The product as ONNX Runtime computes it. */
async function computed(node: LinearSnnNode, image: Shape, x: Float32Array, w: Int16Array, shape: Shape) {
  const b = new GraphBuilder('test/');
  exactProduct(b, node, { value: 'x', shape: image }, tensor('int16', shape, w));
  const bytes = writeOnnxGraph(
    {
      name: 'product',
      inputs: [{ name: 'x', dtype: 'float32', shape: ['N', ...image] }],
      outputs: [{ name: 'y', dtype: 'float64', shape: ['N', ...node.shape] }],
      nodes: b.nodes,
      initializers: b.initializers,
    },
    { opset: EMITTED_OPSET, irVersion: EMITTED_IR_VERSION },
  );
  const session = await openSession(bytes, { where: 'product' });
  const y = (await session.run(new Map([['x', floatTensor([IMAGES, ...image], x)]]))).get('y')!;
  await session.release();
  expect(y.shape).toEqual([IMAGES, ...node.shape]);
  return [...y.data];
}

/** Some of the sums are beyond what float32 holds, so that rounding would show. */
function expectBeyondFloat32(sums: readonly number[]): void {
  expect(sums.some((sum) => Math.fround(sum) !== sum)).toBe(true);
}

describe('exactProduct', () => {
  it.each(CASES)('of Conv equals the sum over BigInt: $title', async (given) => {
    const axes = given.image.length - 1;
    const conv: Required<ConvCase> = {
      pads: new Array<number>(2 * axes).fill(0),
      strides: new Array<number>(axes).fill(1),
      dilations: new Array<number>(axes).fill(1),
      group: 1,
      ...given,
    };
    const list = (values: readonly number[]) => `[${values.join(', ')}]`;
    const graph = parseGraph(`
input x ${list([1, ...conv.image])}
const w ${list(conv.weights)} seed 1
y = Conv(x, w) {pads: ${list(conv.pads)}, strides: ${list(conv.strides)}, dilations: ${list(conv.dilations)}, group: ${conv.group}}
output y`) as CanonicalGraph;
    const [node] = graph.nodes as [NodeNamed<'Conv'>];
    const [fact] = opOf(node).infer(
      node.attributes,
      node.inputs.map((input) => graph.facts.get(input)!),
      'y',
    );
    const linear: LinearSnnNode = {
      ...{ kind: 'linear', name: 'y', op: 'Conv', attributes: node.attributes, sources: [], output: 'y' },
      ...{ shape: fact!.shape.slice(1), start: 0 },
    };
    // Ones and minus ones that agree with most weights' sign, with holes.
    const x = Float32Array.from({ length: IMAGES * sizeOf(conv.image) }, () => (next() < 0.03 ? 0 : 1));
    x.set(ternary(sizeOf(conv.image)), sizeOf(conv.image));
    const w = sixteenBits(sizeOf(conv.weights));
    const expected = convolved(conv, x, w);
    expectBeyondFloat32(expected);
    expect(await computed(linear, conv.image, x, w, conv.weights)).toEqual(expected);
  });

  it('of Gemm equals the sum over BigInt', async () => {
    const [inputs, outputs] = [1500, 7];
    const linear: LinearSnnNode = {
      ...{ kind: 'linear', name: 'y', op: 'Gemm', sources: [], output: 'y', shape: [outputs], start: 0 },
      attributes: {
        alpha: 1,
        beta: 1,
        transA: false,
        transB: true,
      } as unknown as LinearSnnNode['attributes'],
    };
    const x = new Float32Array(IMAGES * inputs).fill(1);
    x.set(ternary(inputs), inputs);
    const w = sixteenBits(outputs * inputs);
    const expected = Array.from({ length: IMAGES * outputs }, (_, i) => {
      const [image, o] = [Math.floor(i / outputs), i % outputs];
      let sum = 0n;
      for (let k = 0; k < inputs; k++) sum += BigInt(x[image * inputs + k]!) * BigInt(w[o * inputs + k]!);
      return Number(sum);
    });
    expectBeyondFloat32(expected);
    expect(await computed(linear, [inputs], x, w, [outputs, inputs])).toEqual(expected);
  });
});

describe('a network of 16-bit weights', () => {
  const fq = (scale: number) =>
    `{scale: [${scale}], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: 255, absorbed: ["relu"]}`;
  const on = 'on {scale: [1], axis: 0, low: -32768, high: 32767}';
  const values = (size: number) => [...sixteenBits(size)].join(', ');

  it.each([
    [
      'Conv',
      [4, 6, 6],
      `const w [160, 4, 1, 1] = ${values(640)} ${on}
c = Conv(q, w)
r = FakeQuantize(c) ${fq(150_000)}
const v [4, 80, 3, 3] = ${values(4 * 80 * 9)} ${on}
d = Conv(r, v) {pads: [1, 0, 1, 1], strides: [2, 1], group: 2}
s = FakeQuantize(d) ${fq(4_500_000_000_000)}`,
      'd',
    ],
    [
      'Conv of one dimension',
      [700, 4],
      `const w [3, 700, 2] = ${values(4200)} ${on}
d = Conv(q, w) {dilations: [2]}
s = FakeQuantize(d) ${fq(60_000_000)}`,
      'd',
    ],
    [
      'Gemm',
      [900],
      `const w [5, 900] = ${values(4500)} ${on}
d = Gemm(q, w) {transB: 1}
s = FakeQuantize(d) ${fq(40_000_000)}`,
      'd',
    ],
  ] as const)(
    'gives the same bits on both engines, and the integers of the ANN: %s',
    async (_, shape, layers, wide) => {
      const graph = parseGraph(`
input x [1, ${shape.join(', ')}]
q = FakeQuantize(x) ${fq(1)}
${layers}
y = Reshape(s, [0, -1])
output y`) as CanonicalGraph;
      const network = quantizedNetwork(graph).network();
      expect(network.arithmetic).toBe('integer');
      expect(currentBounds(network).get(wide)).toBeGreaterThanOrEqual(FLOAT32_EXACT);
      const images = floatTensor(
        [2, ...shape],
        Float32Array.from({ length: 2 * sizeOf(shape) }, (_value, i) =>
          i < sizeOf(shape) ? 255 : 256 * next(),
        ),
      );
      const options = { spikes: true, states: true };
      const expected = await (await reference.compile(network)).run(images, options);
      const compiled = await dense.compile(network);
      expect(await compiled.run(images, options)).toEqual(expected);
      await compiled.release();
      const { integers } = runQuantizedAnn(network, images);
      expect([...expected.layers.get('s')!.decoded!]).toEqual([...integers.get('s')!]);
      expect(integers.get('s')!.some((q) => q > 0 && q < 255)).toBe(true);
      const [largest] = expected.layers.get('s')!.membranes!;
      expect(largest).toBeGreaterThan(FLOAT32_EXACT);
    },
  );
});
