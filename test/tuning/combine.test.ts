import { expect, it } from 'vitest';
import { type Effect, selections } from '../../src/tuning/combine.ts';

const effects: readonly Effect[] = [
  { layer: 'a', cost: -0.1, error: 0.1 },
  { layer: 'a', cost: 0.02, error: -0.2 },
  { layer: 'b', cost: -0.05, error: 0.5 },
  { layer: 'c', cost: -0.01, error: 0.001 },
];
const sum = (selected: readonly number[], of: 'cost' | 'error') =>
  selected.reduce((total, i) => total + effects[i]![of], 0);

it('goes from the cheapest to the most accurate, with one change for each layer', () => {
  const found = selections(effects);
  expect(found[0]).toEqual([0, 2, 3]);
  expect(found.at(-1)).toEqual([1]);
  for (const [i, selected] of found.entries()) {
    const layers = selected.map((index) => effects[index]!.layer);
    expect(new Set(layers).size).toBe(layers.length);
    if (i === 0) continue;
    expect(sum(selected, 'cost')).toBeGreaterThan(sum(found[i - 1]!, 'cost'));
    expect(sum(selected, 'error')).toBeLessThan(sum(found[i - 1]!, 'error'));
  }
});

it('is best at its cost: no combination of changes is cheaper and as accurate', () => {
  const all = [0, 1, null].flatMap((a) =>
    [2, null].flatMap((b) => [3, null].map((c) => [a, b, c].filter((index) => index !== null))),
  );
  for (const selected of selections(effects)) {
    const better = all.filter(
      (other) =>
        sum(other, 'cost') < sum(selected, 'cost') - 1e-12 &&
        sum(other, 'error') < sum(selected, 'error') - 1e-12,
    );
    expect(better).toEqual([]);
  }
});

it('goes down to one change where several seem to cost nothing at all', () => {
  const lucky = ['a', 'b', 'c'].map((layer, i) => ({ layer, cost: -0.1, error: -0.03 + 0.01 * i }));
  expect(selections(lucky)).toEqual([[0, 1, 2], [0, 1], [0]]);
});

it('makes none of changes that only cost', () => {
  expect(selections([{ layer: 'a', cost: 0.1, error: 0.1 }])).toEqual([]);
  expect(selections([])).toEqual([]);
});
