// When it is said that the ANN itself guesses.
import { expect, it } from 'vitest';
import { nearChance } from '../../src/report/near-chance.ts';

it('is said below twice the accuracy of guessing', () => {
  expect(nearChance(0.102, 10)).toEqual([
    'note: the ANN itself is near chance (10.20 % of 10 classes): check --scale, --mean, --std, --channels, --layout and the labels; agreement says nothing then',
  ]);
  expect(nearChance(0.2, 10)).toEqual([]);
});

it('is not said of two classes, nor where nothing is known', () => {
  expect(nearChance(0.5, 2)).toEqual([]);
  expect(nearChance(null, 10)).toEqual([]);
  expect(nearChance(0.1, null)).toEqual([]);
});
