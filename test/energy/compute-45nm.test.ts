import { describe, expect, it } from 'vitest';
import { compute45nm, compute45nmInt, compute45nmInt8 } from '../../src/energy/compute-45nm.ts';
import { energyMj } from '../../src/energy/energy-model.ts';

describe('energyMj', () => {
  it('bills 4.6 pJ per MAC and 0.9 pJ per AC', () => {
    // 2e6 * 4.6e-12 J + 1e7 * 0.9e-12 J = 18.2 microjoules
    expect(energyMj(compute45nm, { macs: 2e6, acs: 1e7 })).toBeCloseTo(0.0182, 15);
    expect(energyMj(compute45nm, { macs: 0, acs: 0 })).toBe(0);
  });

  it('takes a MAC for a multiplication and an addition', () => {
    expect(compute45nm.macPj).toBeCloseTo(3.7 + compute45nm.acPj, 12);
    expect(compute45nmInt8.macPj).toBeCloseTo(0.2 + compute45nmInt8.acPj, 12);
  });

  it('bills 0.23 pJ per MAC and 0.03 pJ per AC of 8-bit integers', () => {
    // 2e6 * 0.23e-12 J + 1e7 * 0.03e-12 J = 0.76 microjoules
    expect(energyMj(compute45nmInt8, { macs: 2e6, acs: 1e7 })).toBeCloseTo(0.76e-3, 15);
  });
});

describe('the energy of n-bit activations and 8-bit weights', () => {
  it('is that of 8 bits for 8', () => {
    expect(compute45nmInt(8)).toBe(compute45nmInt8);
  });

  it.each([
    // 0.2 * n / 8 for the product, 0.03 for the sum
    [4, 0.13],
    [2, 0.08],
    [1, 0.055],
    [7, 0.205],
    [12, 0.33],
  ])('has a multiplier in proportion to its bits: %d', (bits, macPj) => {
    const model = compute45nmInt(bits);
    expect(model.macPj).toBeCloseTo(macPj, 12);
    expect(model.acPj).toBe(0.03);
    expect(model.name).toContain(`int${bits}`);
    expect(model.source).toMatch(new RegExp(`Horowitz.*multiplier scaled by ${bits}/8`));
  });
});
