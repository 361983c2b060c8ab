import { describe, expect, it } from 'vitest';
import { mcnemar, pairedInterval, wilsonInterval } from '../../src/metrics/confidence.ts';

describe('wilsonInterval', () => {
  it('is that of worked examples', () => {
    // 81 of 263 and 15 of 148 (R. G. Newcombe 1998, Table I, method 3).
    const first = wilsonInterval(81, 263)!;
    expect(first.low).toBeCloseTo(0.2553, 4);
    expect(first.high).toBeCloseTo(0.3662, 4);
    const second = wilsonInterval(15, 148)!;
    expect(second.low).toBeCloseTo(0.0624, 4);
    expect(second.high).toBeCloseTo(0.1605, 4);
  });

  it('ends at 0 and 1 where nothing or everything succeeded', () => {
    expect(wilsonInterval(0, 20)).toEqual({ low: 0, high: expect.closeTo(0.1611, 4) });
    expect(wilsonInterval(29, 29)).toEqual({ low: expect.closeTo(0.883, 4), high: 1 });
    expect(wilsonInterval(0, 0)).toBeNull();
  });
});

describe('pairedInterval', () => {
  it('is symmetric about 0 where both are alone right as often', () => {
    const { low, high } = pairedInterval({ onlyFirst: 4, onlySecond: 4 }, 1000);
    expect(low).toBeCloseTo(-high, 12);
    // 1.96 sqrt(9) / 1002
    expect(high).toBeCloseTo(0.005868, 6);
  });

  it('holds the difference and narrows with the images', () => {
    const few = pairedInterval({ onlyFirst: 9, onlySecond: 3 }, 500);
    const many = pairedInterval({ onlyFirst: 90, onlySecond: 30 }, 5000);
    expect(few.low).toBeLessThan(0.012);
    expect(few.high).toBeGreaterThan(0.012);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 2);
  });
});

describe('mcnemar', () => {
  it('sums the tails of a fair coin', () => {
    // 2 (C(10,0) + C(10,1) + C(10,2)) / 2^10
    expect(mcnemar({ onlyFirst: 2, onlySecond: 8 })).toBeCloseTo((2 * 56) / 1024, 12);
    expect(mcnemar({ onlyFirst: 8, onlySecond: 2 })).toBeCloseTo((2 * 56) / 1024, 12);
    expect(mcnemar({ onlyFirst: 0, onlySecond: 1 })).toBe(1);
    expect(mcnemar({ onlyFirst: 0, onlySecond: 0 })).toBe(1);
  });

  it('holds for thousands of images', () => {
    expect(mcnemar({ onlyFirst: 2000, onlySecond: 2000 })).toBe(1);
    expect(mcnemar({ onlyFirst: 1900, onlySecond: 2100 })).toBeCloseTo(0.00165, 4);
  });
});
