// The check before conversion: it accepts what we understood, and names the node where we did not.

import { describe, expect, it } from 'vitest';
import { type CanonicalGraph, valueId } from '../../src/graph/graph.ts';
import { importGraph } from '../../src/graph/import.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import type { LoadedModel } from '../../src/onnx/load.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { normalise } from '../../src/passes/normalise.ts';
import { fixedBatchOf } from '../../src/runtime/activations.ts';
import { checkEquivalence } from '../../src/runtime/equivalence.ts';
import { relativeDifference } from '../../src/runtime/relative-difference.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { encode, onnx } from '../onnx/fixtures.ts';
import { randomTensor } from '../ops/single-node.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { refusalOf } from '../passes/refusal.ts';

const CNN = `
input x [BATCH, 1, 4, 4]
const w [2, 1, 3, 3] seed 1
const s [2, 1, 1] = 2, -1
const v [8, 3] seed 2
conv1: a = Conv(x, w)
scale: b = Mul(a, s)
relu: c = Relu(b)
flat: d = Flatten(c)
fc: y = MatMul(d, v)
output y
output c`;

const images = randomTensor([5, 1, 4, 4], 9) as FloatTensor;

/** The model as a file would hold it, and what we make of it. */
function prepared(bytes: Uint8Array) {
  const file: LoadedModel = {
    model: readOnnx(bytes, { where: 'test.onnx' }),
    bytes,
    sha256: '',
    path: 'test.onnx',
    externalData: new Map(),
  };
  const { graph } = importGraph(file.model);
  return { file, graph: normalise(graph).graph, fixedBatch: fixedBatchOf(file.model) };
}

function cnn(batch: number, freeBatch: boolean) {
  return prepared(graphToOnnx(parseGraph(CNN.replace('BATCH', String(batch))), { freeBatch }));
}

/** The graph with one number of a constant changed. */
function corrupted(graph: CanonicalGraph, name: string): CanonicalGraph {
  const value = graph.constants.get(valueId(name))!;
  const data = Float32Array.from(value.data);
  data[0]! += 0.5;
  return {
    ...graph,
    constants: new Map([...graph.constants, [valueId(name), floatTensor(value.shape, data)]]),
  };
}

describe('checkEquivalence', () => {
  it('accepts the normalised graph and reports how close every output is', async () => {
    const { file, graph, fixedBatch } = cnn(1, true);
    expect(fixedBatch).toBeNull();
    const differences = await checkEquivalence(file, graph, images, fixedBatch);
    expect(differences.map(({ output }) => output)).toEqual(['y', 'c']);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-6);
  });

  it('runs a file that fixes its batch in batches of that size', async () => {
    const { file, graph, fixedBatch } = cnn(2, false);
    expect(fixedBatch).toBe(2);
    const differences = await checkEquivalence(file, graph, images, fixedBatch);
    for (const { relative } of differences) expect(relative).toBeLessThan(1e-6);
  });

  it('refuses a graph with one wrong weight in its last layer, naming that layer', async () => {
    const { file, graph } = cnn(1, true);
    const refusal = await refusalOf(() => checkEquivalence(file, corrupted(graph, 'v'), images, null));
    expect(refusal.code).toBe('not-equivalent');
    expect(refusal.problems.map(({ where }) => where)).toEqual(['value "y"']);
    expect(refusal.help).toMatch(/^the first value that differs is "y" of node "fc" \(Gemm, /);
  });

  it('names the first of many nodes that differ', async () => {
    const { file, graph } = cnn(1, true);
    const refusal = await refusalOf(() => checkEquivalence(file, corrupted(graph, 'w'), images, null));
    expect(refusal.problems.map(({ where }) => where)).toEqual(['value "y"', 'value "c"']);
    expect(refusal.help).toMatch(/^the first value that differs is "b" of node "conv1" \(Conv, /);
  });

  it('allows a file in float16 its own rounding, and no more', async () => {
    const { file, graph } = prepared(halfModel());
    const x = floatTensor([2, 3], [0.1, 0.2, 0.7, -0.3, 1 / 3, 5]);
    const [difference] = await checkEquivalence(file, graph, x, null);
    expect(difference!.relative).toBeGreaterThan(1e-5);
    expect(difference!.relative).toBeLessThan(1e-3);
    const refusal = await refusalOf(() => checkEquivalence(file, corrupted(graph, 'w'), x, null));
    expect(refusal.problems[0]!.message).toContain('within 0.01');
  });
});

describe('relativeDifference', () => {
  it('is relative to the largest of the first', () => {
    expect(relativeDifference(Float32Array.of(1, -4), Float32Array.of(1.5, -4))).toBe(0.125);
    expect(relativeDifference(Float32Array.of(0), Float32Array.of(0))).toBe(0);
    expect(relativeDifference(Float32Array.of(0), Float32Array.of(1))).toBe(Infinity);
  });

  it('never lets NaN or another length pass', () => {
    expect(relativeDifference(Float32Array.of(NaN), Float32Array.of(1))).toBeNaN();
    expect(relativeDifference(Float32Array.of(1), Float32Array.of(NaN))).toBeNaN();
    expect(relativeDifference(Float32Array.of(1), Float32Array.of(1, 2))).toBe(Infinity);
  });
});

/** y = x w in float16, w = [1, 0.5, -2] as a column. */
function halfModel(): Uint8Array {
  const info = (name: string, width: number) => ({
    name,
    type: {
      tensorType: {
        elemType: onnx.TensorProto.DataType.FLOAT16,
        shape: { dim: [{ dimParam: 'N' }, { dimValue: width }] },
      },
    },
  });
  return encode({
    name: 'half',
    input: [info('x', 3)],
    output: [info('y', 1)],
    initializer: [{ name: 'w', dims: [3, 1], dataType: 10, int32Data: [0x3c00, 0x3800, 0xc000] }],
    node: [{ name: 'fc', opType: 'MatMul', input: ['x', 'w'], output: ['y'] }],
  });
}
