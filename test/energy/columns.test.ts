// The three columns of energy by hand, and by the arithmetic of CSS Table 4.
import { describe, expect, it } from 'vitest';
import { energyColumns, type Footing, matchedBits } from '../../src/energy/columns.ts';
import { ENERGY_CONSTANTS } from '../../src/energy/energy-constants.ts';
import type { LayerWork } from '../../src/energy/layer-work.ts';

const [compute, memory, bitMatched] = energyColumns as readonly [
  (typeof energyColumns)[number],
  (typeof energyColumns)[number],
  (typeof energyColumns)[number],
];

const FLOAT: Footing = { constants: ENERGY_CONSTANTS, integer: false, bits: 8 };
const INTEGER: Footing = { ...FLOAT, integer: true, bits: 4 };

const work: LayerWork = {
  name: 'layer',
  neurons: 100,
  spikes: 30,
  accumulates: 1000,
  products: 20,
  annProducts: 500,
  stateWords: 200,
  updateSteps: 9,
  // 32 KiB of float32 weights; of 8-bit ones 8 KiB
  weightWords: 8192,
  // 1 MiB of membranes
  targetWords: 262_144,
};

const nothing: LayerWork = {
  ...{ name: 'nothing', neurons: 0, spikes: 0, accumulates: 0, products: 0, annProducts: 0 },
  ...{ stateWords: 0, updateSteps: 0, weightWords: 0, targetWords: 0 },
};

describe('compute only', () => {
  it('is 0.9 pJ an accumulate and 4.6 pJ a product in float32', () => {
    expect(compute.snnPj(work, FLOAT)).toBeCloseTo(0.9 * 1000 + 4.6 * 20, 9);
    expect(compute.annPj(work, FLOAT)).toBeCloseTo(4.6 * 500, 9);
  });

  it('sets an integer network against a quantized ANN of T-bit activations', () => {
    expect(compute.snnPj(work, INTEGER)).toBeCloseTo(0.03 * 1000 + 0.23 * 20, 9);
    // 0.2 pJ for the product of 8 by 8 bits, half of it for 4 by 8, and the sum
    expect(compute.annPj(work, INTEGER)).toBeCloseTo((0.1 + 0.03) * 500, 9);
  });

  it.each([
    // energy = 0.9 pJ * AC + 4.6 pJ * MAC, as all rows of CSS Table 4; the columns of its CSS VGG-11 row as corrected
    ['VGG-16, ANN', { annProducts: 313_879_562 }, 'annPj', 1.4438],
    ['VGG-11, ANN', { annProducts: 153_197_578 }, 'annPj', 0.7047],
    ['VGG-16, CSS', { accumulates: 308_350_000 }, 'snnPj', 0.2775],
    ['VGG-11, CSS', { accumulates: 132_400_000 }, 'snnPj', 0.1191],
    ['ResNet-18, Fast-SNN, T = 7', { accumulates: 1_020_000_000, products: 12_420_000 }, 'snnPj', 0.9751],
  ] as const)('gives %s as in CSS Table 4, to the digits that it prints', (_, counts, side, millijoules) => {
    expect(Math.abs(compute[side]({ ...nothing, ...counts }, FLOAT) * 1e-9 - millijoules)).toBeLessThan(1e-4);
  });
});

describe('with memory accesses', () => {
  it('adds accesses by the size of each memory in float32', () => {
    const [weight, target, state, event] = [20, 100, 10, 10];
    const snn =
      900 +
      92 +
      1000 * (weight + 2 * target) + // a weight read, a membrane read and written
      20 * (weight + event) + // a weight and a value read
      2 * 30 * event + // each spike written and read
      2 * 9 * 200 * state; // all states read and written at each step
    expect(memory.snnPj(work, FLOAT)).toBeCloseTo(snn, 6);
    expect(memory.annPj(work, FLOAT)).toBeCloseTo(2300 + 500 * (weight + 10) + 100 * 10, 6);
  });

  it('reads narrower words for less in an integer network', () => {
    const weight = 10 / 4; // 8 KiB, 8 of 32 bits
    const value = 10 / 8; // 4 of 32 bits
    expect(memory.annPj(work, INTEGER)).toBeCloseTo(65 + 500 * (weight + value) + 100 * value, 6);
    const snn = 30 + 4.6 + 1000 * (weight + 200) + 20 * (weight + 10) + 600 + 36_000;
    expect(memory.snnPj(work, INTEGER)).toBeCloseTo(snn, 6);
  });
});

describe('against a quantized ANN', () => {
  it('counts 8-bit accumulates against products of n by 8 bits, whatever the network is', () => {
    expect(bitMatched.snnPj(work, FLOAT)).toBeCloseTo(0.03 * 1000 + 0.23 * 20, 9);
    expect(bitMatched.annPj(work, FLOAT)).toBeCloseTo(0.23 * 500, 9);
    expect(bitMatched.annPj(work, INTEGER)).toBeCloseTo(0.13 * 500, 9);
  });

  it.each([
    // K = 2^T - 1 with beta 2; T for rate coding; 257.5 with beta 1.5 and T 12
    [255, 8],
    [15, 4],
    [1, 1],
    [8, 4],
    [7, 3],
    [257.5, 9],
  ])('takes ceil(log2(%d + 1)) = %d bits', (kappa, bits) => {
    expect(matchedBits(kappa)).toBe(bits);
  });
});

it('names the constants that it uses in every rule', () => {
  const constants = { ...ENERGY_CONSTANTS, float32: { ...ENERGY_CONSTANTS.float32, acPj: 0.777 } };
  expect(compute.rule({ ...FLOAT, constants })).toContain('0.777 pJ');
  for (const column of energyColumns) expect(column.rule(FLOAT).length).toBeGreaterThan(20);
});
