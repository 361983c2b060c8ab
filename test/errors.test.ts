import { describe, expect, it } from 'vitest';
import { Ann2SnnError, messageOf, throwIfAny } from '../src/errors.ts';

describe('Ann2SnnError', () => {
  it('names every offender and closes with the help', () => {
    const cause = new Error('deep');
    const problems = [
      { where: 'a', message: 'expected 1, found 2' },
      { where: 'b', message: 'expected 3, found 4' },
    ];
    const error = new Ann2SnnError('invalid-data', problems, { help: 'try again', cause });
    expect(error).toMatchObject({
      name: 'Ann2SnnError',
      code: 'invalid-data',
      problems,
      help: 'try again',
      cause,
    });
    expect(error.message).toBe('a: expected 1, found 2\nb: expected 3, found 4\nhelp: try again');
  });

  it('takes a single problem; without help or cause it has none', () => {
    const error = new Ann2SnnError('not-onnx', { where: 'x.onnx', message: 'expected ONNX' });
    expect(error.message).toBe('x.onnx: expected ONNX');
    expect(error.problems).toEqual([{ where: 'x.onnx', message: 'expected ONNX' }]);
    expect(error.help).toBeUndefined();
    expect('cause' in error).toBe(false);
  });

  it('spells out twenty offenders, counts the rest and keeps them all', () => {
    const problems = Array.from({ length: 23 }, (_, i) => ({ where: `node ${i}`, message: 'refused' }));
    const error = new Ann2SnnError('unsupported-operator', problems);
    const lines = error.message.split('\n');
    expect(lines).toHaveLength(21);
    expect(lines.slice(-2)).toEqual(['node 19: refused', '... and 3 more']);
    expect(error.problems).toHaveLength(23);
  });
});

describe('throwIfAny', () => {
  it('throws one error for all problems and none for none', () => {
    expect(() => throwIfAny('invalid-graph', [])).not.toThrow();
    const problem = { where: 'n', message: 'wrong' };
    expect(() => throwIfAny('invalid-graph', [problem, problem], { help: 'h' })).toThrow(
      'n: wrong\nn: wrong\nhelp: h',
    );
  });
});

describe('messageOf', () => {
  it('is the text of whatever was thrown', () => {
    expect(messageOf(new RangeError('too far'))).toBe('too far');
    expect(messageOf('plain')).toBe('plain');
    expect(messageOf(undefined)).toBe('undefined');
  });
});
