import { describe, expect, it } from 'vitest';
import { addAccuracy, argmax, classCount, emptyAccuracy, topClasses } from '../../src/metrics/accuracy.ts';

describe('argmax', () => {
  it('takes the smaller index of a tie and starts at the offset', () => {
    expect(argmax([9, 9, 1, 3, 3], 2, 3)).toBe(1);
    expect(argmax([-2, -1, -1], 0, 3)).toBe(1);
  });

  it('is no class where any score is NaN', () => {
    expect(argmax([1, Number.NaN, 2], 0, 3)).toBe(-1);
    expect(argmax([Number.NaN, 1], 0, 2)).toBe(-1);
  });
});

describe('topClasses', () => {
  it('ranks best first, ties by index', () => {
    expect(topClasses([0, 1, 5, 5, -1, 3], 1, 5, 3)).toEqual([1, 2, 4]);
    expect(topClasses([1, 2], 0, 2, 5)).toEqual([1, 0]);
  });
});

describe('classCount', () => {
  it.each([
    [[10], 10],
    [[10, 1, 1], 10],
    [[10, 2, 2], null],
    [[1], null],
    [[], null],
  ])('of %j is %s', (shape, expected) => {
    expect(classCount(shape)).toBe(expected);
  });
});

describe('addAccuracy', () => {
  it('adds up over batches', () => {
    const count = emptyAccuracy();
    // classes 0 to 5; best to worst: 5 4 3 2 1 0
    const ascending = [0, 1, 2, 3, 4, 5];
    addAccuracy(count, Float32Array.from([...ascending, ...ascending]), [5, 1]);
    addAccuracy(count, Float32Array.from(ascending), [0]);
    expect(count).toEqual({ images: 3, top1: 1, top5: 2 });
  });
});
