import { describe, expect, it } from 'vitest';
import { linearScale, logScale, roundedScale, tickText } from '../../src/plots/scale.ts';

describe('linear scales', () => {
  it('have ticks at 1, 2 or 5 times a power of ten', () => {
    expect(linearScale(0, 1).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale(0.913, 0.927).ticks).toEqual([0.915, 0.92, 0.925]);
    expect(linearScale(-2, 2, 8).ticks).toEqual([-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]);
  });

  it('are widened to whole ticks, even from a single value', () => {
    expect(roundedScale(7, 19, 6).domain).toEqual([6, 20]);
    const single = roundedScale(0.992, 0.992);
    expect(single.at(0.992)).toBeGreaterThan(0);
    expect(single.at(0.992)).toBeLessThan(1);
  });

  it('place values in proportion', () => {
    expect(linearScale(10, 20).at(12.5)).toBe(0.25);
  });
});

describe('logarithmic scales', () => {
  it('have powers of ten over many decades, and 1, 2, 5 over few', () => {
    expect(logScale(3e-4, 0.9)).toMatchObject({ domain: [2e-4, 1], ticks: [1e-3, 1e-2, 0.1, 1] });
    expect(logScale(2.2e-4, 1.3e-3).ticks).toEqual([2e-4, 5e-4, 1e-3, 2e-3]);
  });

  it('place equal ratios at equal distances', () => {
    const scale = logScale(1, 100);
    expect(scale.at(10)).toBeCloseTo(0.5, 12);
  });

  it('have two ends where there is one value', () => {
    const { domain } = logScale(5, 5);
    expect(domain[0]).toBeLessThanOrEqual(5);
    expect(domain[1]).toBeGreaterThan(domain[0]);
  });
});

describe('tickText', () => {
  it.each([
    [0, '0'],
    [0.25, '0.25'],
    [-0.5, '−0.5'],
    [1000, '1000'],
    [20_000, '20 k'],
    [1_500_000, '1.5 M'],
    [1e-4, '1e−4'],
  ])('%d as %s', (value, text) => {
    expect(tickText(value)).toBe(text);
  });
});
