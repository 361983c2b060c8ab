import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../../src/errors.ts';
import { checkCoding, codingOf, codings } from '../../../src/snn/network/coding.ts';

const VALID = { T: 12, beta: 1.5, Ts: 1, phi: 0.5 };

describe('codingOf', () => {
  it("gives the papers' preset and the canonical one", () => {
    expect(codingOf('css')).toEqual({ name: 'css', T: 12, beta: 1.5, Ts: 1, phi: 1 / 2, encoder: 'css' });
    expect(codingOf('canonical')).toEqual({
      name: 'canonical',
      T: 8,
      beta: 2,
      Ts: 2,
      phi: 2 / 3,
      encoder: 'css',
    });
    for (const coding of codings) checkCoding(coding);
  });

  it('replaces what is given and ignores undefined', () => {
    const overrides = { T: 4, encoder: undefined } as unknown as { T: number };
    expect(codingOf('canonical', overrides)).toMatchObject({ T: 4, beta: 2, encoder: 'css' });
  });

  it('answers an unknown name with the nearest', () => {
    expect(() => codingOf('canonicl')).toThrow(/did you mean "canonical"/);
  });
});

describe('checkCoding', () => {
  it.each([{ T: 1, Ts: 0 }, { T: 30, Ts: 29 }, { beta: 2 }, { beta: 1.0001 }, { phi: 1 }])(
    'accepts %j',
    (change) => {
      expect(() => checkCoding({ ...VALID, ...change })).not.toThrow();
    },
  );

  it.each([
    [{ T: 0, Ts: 0 }, /steps \(T\)/],
    [{ T: 31 }, /1 to 30, found 31/],
    [{ T: 2.5 }, /whole number/],
    [{ T: Number.NaN }, /steps/],
    [{ beta: 1 }, /beta/],
    [{ beta: 2.01 }, /beta/],
    [{ beta: Number.NaN }, /beta/],
    [{ Ts: -1 }, /silent period/],
    [{ Ts: 12 }, /0 to 11 \(T - 1\), found 12/],
    [{ Ts: 0.5 }, /silent period/],
    [{ phi: 0.49 }, /threshold/],
    [{ phi: 1.01 }, /threshold/],
  ])('refuses %j', (change, message) => {
    expect(() => checkCoding({ ...VALID, ...change })).toThrow(message);
  });

  it('judges the silent period by the largest T while T itself is wrong', () => {
    expect(() => checkCoding({ ...VALID, T: 0, Ts: 40 })).toThrow(/silent period \(Ts\): .* from 0 to 29/);
    expect(() => checkCoding({ ...VALID, T: 0, Ts: 20 })).toThrow(/^steps \(T\)[^\n]*$/);
  });

  it('names everything that is wrong at once', () => {
    try {
      checkCoding({ T: 8, beta: 3, Ts: -1, phi: 0 });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Ann2SnnError);
      expect((error as Ann2SnnError).code).toBe('invalid-option');
      expect((error as Ann2SnnError).problems).toHaveLength(3);
    }
  });
});
