import { describe, expect, it } from 'vitest';
import { dividedByUnit, sameUnit, scalarUnit, simplestUnit, unitAt, unitRatio } from '../../src/ops/unit.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';

describe('units', () => {
  it('are the same when every channel is', () => {
    expect(sameUnit(2, 2)).toBe(true);
    expect(sameUnit(2, [2, 2])).toBe(true);
    expect(sameUnit([2, 3], 2)).toBe(false);
    expect(sameUnit([2, 3], [2, 3])).toBe(true);
    expect(sameUnit([2, 3], [2, 4])).toBe(false);
  });

  it('are one number or one for each channel', () => {
    expect([unitAt(5, 3), unitAt([5, 6], 1)]).toEqual([5, 6]);
    expect([simplestUnit([5, 5]), simplestUnit([5, 6]), simplestUnit(5)]).toEqual([5, [5, 6], 5]);
    expect([scalarUnit(5), scalarUnit([5, 7, 6])]).toEqual([5, 7]);
  });
});

describe('unitRatio', () => {
  it('is a scalar, or one factor for each channel of an image', () => {
    expect(unitRatio(3, 2, [4, 2, 2])).toEqual(floatTensor([], [1.5]));
    expect(unitRatio([1, 2], 4, [2, 5, 5])).toEqual(floatTensor([2, 1, 1], [0.25, 0.5]));
    expect(unitRatio(6, [1, 2, 3], [3])).toEqual(floatTensor([3], [6, 3, 2]));
  });
});

describe('dividedByUnit', () => {
  it('divides a constant, broadcast to channels where it must be', () => {
    expect(dividedByUnit(floatTensor([2, 1, 1], [2, 4]), 2, [2, 3, 3])).toEqual(
      floatTensor([2, 1, 1], [1, 2]),
    );
    expect(dividedByUnit(floatTensor([], [8]), [2, 4], [2, 3, 3])).toEqual(floatTensor([2, 1, 1], [4, 2]));
    expect(dividedByUnit(floatTensor([1, 2, 1, 1], [8, 8]), [2, 4], [2, 3, 3])).toEqual(
      floatTensor([1, 2, 1, 1], [4, 2]),
    );
  });
});
