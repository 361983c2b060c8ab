// The quantized ANN against two oracles: what the spikes decode to, and the planned graph computed in float64.
import { describe, expect, it } from 'vitest';
import { reference } from '../../../src/engines/reference/index.ts';
import { runQuantizedAnn } from '../../../src/engines/reference/quantized-ann.ts';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { floatTensor } from '../../../src/tensor/tensor.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { decodedIntegers, planInFloat64, quantizedNetwork } from '../../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../../snn/random-quantized-graph.ts';

const SEEDS = Array.from({ length: 160 }, (_, i) => i + 1);
/** A shift behind a max-pool is held in float32, a K-th of it for each step: half-way ties may fall to the other side. */
/** The one join of scales that integers cannot carry: a mean whose windows at the border count less, in front of weights. */
const BORDERS = /^Conv ".*" reads a channel of several scales$/;

interface Compared {
  readonly count: number;
  /** Integers that differ, by how much at most. */
  readonly differing: number;
  readonly largest: number;
}

function compare(actual: ArrayLike<number>, expected: ArrayLike<number>): Compared {
  const differences = Array.from(actual, (value, i) => Math.abs(value - expected[i]!));
  return {
    count: differences.length,
    differing: differences.filter((difference) => difference !== 0).length,
    largest: Math.max(...differences),
  };
}

describe('runQuantizedAnn, on random quantized graphs', () => {
  it('is what the spikes of exact mode decode to, in every integer', async () => {
    const seen = new Map<string, number>();
    let integers = 0;
    let float = 0;
    for (const seed of SEEDS) {
      const { graph, images, features } = randomQuantizedGraph(seed, seed % 2 === 0);
      const network = quantizedNetwork(graph).network();
      if (network.arithmetic === 'float32') {
        expect(network.whyFloat, `seed ${seed}`).toMatch(BORDERS);
        expect(features.has('mean over a border, counted 0') || features.has('mean with ceil_mode')).toBe(
          true,
        );
        float++;
        continue;
      }
      for (const feature of features) seen.set(feature, (seen.get(feature) ?? 0) + 1);
      const expected = runQuantizedAnn(network, images).integers;
      const trace = await (await reference.compile(network)).run(images, { spikes: true });
      expect([...expected.keys()]).toEqual([...trace.layers.keys()]);
      for (const [layer, found] of expected) {
        const decoded = decodedIntegers(trace.layers.get(layer)!, network.coding.T);
        const { differing } = compare(decoded, found);
        if (differing > 0) expect.fail(`seed ${seed}: ${differing} of ${found.length} differ in "${layer}"`);
        integers += found.filter((value) => value !== 0).length;
      }
    }
    // The property must have had something to say.
    expect(integers).toBeGreaterThan(30_000);
    expect(float).toBeLessThan(SEEDS.length / 10);
    expect(seen.size).toBe(28);
    for (const [feature, graphs] of seen) expect(graphs, feature).toBeGreaterThan(1);
  });

  it('is the planned graph in float64, exactly where all scales are dyadic', () => {
    for (const seed of SEEDS.filter((each) => each % 2 === 0)) {
      const { graph, images } = randomQuantizedGraph(seed, true);
      const quantized = quantizedNetwork(graph);
      const network = quantized.network();
      if (network.arithmetic === 'float32') continue;
      const run = runQuantizedAnn(network, images);
      const expected = planInFloat64(quantized, images, network.coding.T);
      expect([...run.integers.keys()], `seed ${seed}`).toEqual([...expected.integers.keys()]);
      for (const [layer, found] of run.integers) {
        const { differing } = compare(found, expected.integers.get(layer)!);
        if (differing > 0) expect.fail(`seed ${seed}: ${differing} of ${found.length} differ in "${layer}"`);
      }
      for (const [output, logits] of run.logits) {
        // A mean over, say, 15 elements is no dyadic factor: the last digits depend on the order.
        logits.forEach((logit, i) => {
          expect(logit, `seed ${seed}`).toBeCloseTo(expected.logits.get(output)![i]!, 12);
        });
      }
    }
  });

  it('is the planned graph in float64 but for near-ties at any scales', () => {
    let [count, differing] = [0, 0];
    for (const seed of SEEDS.filter((each) => each % 2 === 1)) {
      const { graph, images } = randomQuantizedGraph(seed, false);
      const quantized = quantizedNetwork(graph);
      const network = quantized.network();
      if (network.arithmetic === 'float32') continue;
      const expected = planInFloat64(quantized, images, network.coding.T).integers;
      for (const [layer, found] of runQuantizedAnn(network, images).integers) {
        const compared = compare(found, expected.get(layer)!);
        expect(compared.largest, `seed ${seed}, "${layer}"`).toBeLessThanOrEqual(1);
        count += compared.count;
        differing += compared.differing;
      }
    }
    expect(count).toBeGreaterThan(10_000);
    expect(differing).toBeLessThanOrEqual(count / 1000);
  });
});

const WHOLE = '{scale: [1], axis: 0, low: -127, high: 127}';
const grid = (scale: number, low: number, high: number) =>
  `{scale: [${scale}], axis: 0, low: ${low}, high: ${high}, type: "int8", zeroPoint: 0, absorbed: []}`;
const CHAIN = `
input x [1, 2]
q = FakeQuantize(x) ${grid(0.5, -128, 127)}
const w [2, 2] = 2, -1, 0, 3 on ${WHOLE}
a = Gemm(q, w) {transB: 1}
b = FakeQuantize(a) ${grid(1, 0, 255)}
const v [1, 2] = 1, 4 on ${WHOLE}
y = Gemm(b, v) {transB: 1}
output y`;
const chain = parseGraph(CHAIN) as CanonicalGraph;

describe('runQuantizedAnn', () => {
  const network = quantizedNetwork(chain).network();
  const images = floatTensor([2, 2], [1.5, 1, 1.25, 3.75]);

  it('rounds half to even and bounds, layer by layer', () => {
    const { integers, logits } = runQuantizedAnn(network, images);
    // 1.25 / 0.5 = 2.5 becomes 2, 3.75 / 0.5 = 7.5 becomes 8: 1 and 4 in the input's units.
    expect([...integers].map(([layer, values]) => [layer, [...values]])).toEqual([
      ['x', [3, 2, 2, 8]],
      ['b', [2, 3, 0, 12]],
    ]);
    expect([...logits.get('y')!]).toEqual([2 + 4 * 3, 48]);
  });

  it('feeds readers what it is given instead of a layer, which it still computes', () => {
    const { integers, logits } = runQuantizedAnn(network, images, new Map([['b', Int8Array.of(1, 1, 0, 5)]]));
    expect([...integers.get('b')!]).toEqual([2, 3, 0, 12]);
    expect([...logits.get('y')!]).toEqual([5, 20]);
    const other = runQuantizedAnn(network, images, new Map([['x', [4, 0, 0, 2]]])).integers;
    expect([...other.get('x')!]).toEqual([3, 2, 2, 8]);
    expect([...other.get('b')!]).toEqual([4, 0, 0, 3]);
  });

  it('counts in units of theta where there are fewer steps than bits', async () => {
    const coarse = quantizedNetwork(chain, 4).network();
    const { integers } = runQuantizedAnn(coarse, images);
    const trace = await (await reference.compile(coarse)).run(images, { spikes: true });
    for (const [layer, found] of integers) {
      expect(decodedIntegers(trace.layers.get(layer)!, 4), layer).toEqual([...found]);
    }
  });
});
