import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutShards } from '../../src/workers/shards.ts';

const shown = (...args: Parameters<typeof cutShards>) =>
  cutShards(...args).map(({ from, to, diagnosed }) => `${from}-${to}${diagnosed ? ' diagnosed' : ''}`);

describe('shards', () => {
  it('hold at least 16 images in whole batches, the diagnosed images first', () => {
    expect(shown(50, 3, 20)).toEqual(['0-18 diagnosed', '18-20 diagnosed', '20-38', '38-50']);
    expect(shown(40, 1, 0)).toEqual(['0-16', '16-32', '32-40']);
    expect(shown(100, 64, 64)).toEqual(['0-64 diagnosed', '64-100']);
    expect(shown(5, 64, 64)).toEqual(['0-5 diagnosed']);
    expect(shown(64, 64, 64)).toEqual(['0-64 diagnosed']);
  });

  it('hold every image once, in order', () => {
    const size = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 70 }), fc.nat(100), (count, batch, diagnosed) => {
        const shards = cutShards(count, batch, diagnosed);
        expect(
          shards.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
        ).toEqual(Array.from({ length: count }, (_, i) => i));
        const border = Math.min(diagnosed, count);
        expect(shards.every((shard) => (shard.diagnosed ? shard.to <= border : shard.from >= border))).toBe(
          true,
        );
        const inner = shards.filter(({ to }) => to !== border && to !== count);
        expect(inner.every(({ from, to }) => (to - from) % batch === 0 && to - from >= 16)).toBe(true);
      }),
    );
  });
});
