import { describe, expect, it } from 'vitest';
import { compute45nm } from '../../src/energy/compute-45nm.ts';
import { energyMj } from '../../src/energy/energy-model.ts';

describe('energyMj', () => {
  it('bills 4.6 pJ per MAC and 0.9 pJ per AC', () => {
    // 2e6 * 4.6e-12 J + 1e7 * 0.9e-12 J = 18.2 microjoules
    expect(energyMj(compute45nm, { macs: 2e6, acs: 1e7 })).toBeCloseTo(0.0182, 15);
    expect(energyMj(compute45nm, { macs: 0, acs: 0 })).toBe(0);
  });

  it('takes a MAC for a multiplication and an addition', () => {
    expect(compute45nm.macPj).toBeCloseTo(3.7 + compute45nm.acPj, 12);
  });
});
