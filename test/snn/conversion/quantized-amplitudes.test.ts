// Amplitudes and bits that quantizers ask for.
import { describe, expect, it } from 'vitest';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import {
  bitsOf,
  quantizedAmplitude,
  quantizedAmplitudes,
} from '../../../src/snn/conversion/quantized-amplitudes.ts';
import { planSpiking } from '../../../src/snn/plan/plan.ts';
import { parseGraph } from '../../passes/graph-text.ts';

const grid = (low: number, high: number, scale: readonly number[] = [0.25]) => ({
  scale,
  axis: 1,
  low,
  high,
});
const steps = (T: number, beta = 2) => ({ T, beta });

/** An image, a layer with a grid, one without and one with a grid for each channel. */
function planOf(first: readonly [number, number], last: readonly [number, number]) {
  const fq = ([low, high]: readonly [number, number], scale: string) =>
    `{scale: [${scale}], axis: 1, type: "int8", zeroPoint: 0, low: ${low}, high: ${high}, absorbed: ["relu"]}`;
  const text = `
input x [1, 2]
q = FakeQuantize(x) ${fq(first, '0.125')}
const w [2, 2] seed 1
a = Gemm(q, w) {transB: 1}
b = Relu(a)
c = Gemm(b, w) {transB: 1}
d = FakeQuantize(c) ${fq(last, '0.5, 0.25')}
y = Gemm(d, w) {transB: 1}
output y`;
  return planSpiking(parseGraph(text) as CanonicalGraph);
}

describe('quantizedAmplitude', () => {
  it.each([
    ['255 levels in 8 steps', grid(0, 255), 8],
    ['more steps than bits', grid(0, 255), 12],
    ['127 levels in 8 steps', grid(-128, 127), 8],
    ['15 levels in 4 steps', grid(0, 15), 4],
  ])("is the quantizer's step where K covers its levels: %s", (_, levels, T) => {
    expect(quantizedAmplitude(levels, steps(T))).toBe(0.25);
  });

  it.each([
    ['255 levels in 4 steps', grid(0, 255), steps(4), 255 / 15],
    ['the lower end, where it is farther', grid(-128, 127), steps(7), 128 / 127],
    ['a smaller beta', grid(0, 255), steps(8, 1.5), 255 / ((1.5 ** 8 - 1) / 0.5)],
  ])('is C n / K where K does not reach the farther end: %s', (_, levels, coding, stretch) => {
    const theta = quantizedAmplitude(levels, coding) as number;
    expect(theta).toBeCloseTo(0.25 * stretch, 12);
  });

  it('is one for each channel where the scales are', () => {
    expect(quantizedAmplitude(grid(0, 255, [0.5, 0.25]), steps(8))).toEqual([0.5, 0.25]);
    expect(quantizedAmplitude(grid(0, 255, [0.5, 0.25]), steps(4))).toEqual([8.5, 4.25]);
  });
});

describe('quantizedAmplitudes', () => {
  it('are those of the input and of every layer with a quantizer, and of no other', () => {
    expect([...quantizedAmplitudes(planOf([-128, 127], [0, 255]), steps(8))]).toEqual([
      ['x', 0.125],
      ['d', [0.5, 0.25]],
    ]);
  });

  it('are none where nothing is quantized', () => {
    const plain = parseGraph('input x [1, 2]\ny = Relu(x)\noutput y') as CanonicalGraph;
    expect(quantizedAmplitudes(planSpiking(plain), steps(8)).size).toBe(0);
  });
});

describe('bitsOf', () => {
  it.each<[readonly [number, number], readonly [number, number], number]>([
    [[-128, 127], [0, 255], 8],
    [[0, 255], [0, 15], 4],
    [[0, 7], [-127, 127], 7],
    [[0, 7], [-128, 127], 8],
    [[0, 7], [0, 15], 4],
    [[0, 7], [-8, 7], 4],
    [[0, 1], [0, 1], 1],
  ])(
    'of an image on %j and a layer on %j is %d: the first T whose K covers the layer',
    (first, last, bits) => {
      const plan = planOf(first, last);
      expect(bitsOf(plan)).toBe(bits);
      const exact = (T: number) => {
        const theta = quantizedAmplitudes(plan, steps(T));
        return (theta.get('d') as number[])[0] === 0.5;
      };
      expect(exact(bits)).toBe(true);
      if (bits > 1) expect(exact(bits - 1)).toBe(false);
    },
  );

  it('is null where nothing is quantized', () => {
    const plain = parseGraph('input x [1, 2]\ny = Relu(x)\noutput y') as CanonicalGraph;
    expect(bitsOf(planSpiking(plain))).toBeNull();
  });
});
