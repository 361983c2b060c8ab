import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../src/errors.ts';
import { byName, nearest } from '../src/registry.ts';

const shades = [{ name: 'umber' }, { name: 'ochre' }, { name: 'sienna' }] as const;

describe('byName', () => {
  it('finds the item of that name', () => {
    for (const shade of shades) expect(byName('shade', shades, shade.name)).toBe(shade);
  });

  it('names the choices, and the nearest of them where one is near', () => {
    expect(() => byName('shade', shades, 'ocre')).toThrow(
      'shade "ocre": expected one of umber, ochre, sienna\nhelp: did you mean "ochre"?',
    );
    try {
      byName('shade', shades, 'ultramarine');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Ann2SnnError);
      expect(error).toMatchObject({ code: 'unknown-name', help: undefined });
    }
  });
});

describe('nearest', () => {
  it.each([
    ['dense', 'dense'],
    ['dens', 'dense'],
    ['dennse', 'dense'],
    ['bense', 'dense'],
    ['eense!', 'dense'],
    ['refrense', 'reference'],
    ['den', 'dense'],
    ['de', undefined],
    ['', undefined],
  ])('of "%s" is %s: at most two insertions, deletions or replacements', (word, expected) => {
    expect(nearest(word, ['reference', 'dense'])).toBe(expected);
  });

  it('is the closest of several, and nothing among none', () => {
    expect(nearest('cat', ['cart', 'cat', 'bat'])).toBe('cat');
    expect(nearest('cat', [])).toBeUndefined();
  });
});
