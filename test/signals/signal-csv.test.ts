import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignalCsv, writeColumns } from '../../src/signals/signal-csv.ts';

const read = (text: string) => readSignalCsv(new TextEncoder().encode(text), 'a.csv');
const rows = (text: string) => read(text).features.map(({ name, values }) => [name, ...values]);

describe('reading CSV', () => {
  it('takes columns for features, with names or without', () => {
    expect(rows('x,"y"\n1,2\n3,-4.5e1\n')).toEqual([
      ['x', 1, 3],
      ['y', 2, -45],
    ]);
    expect(rows('1, 2\r\n.5,+4.\r\n\r\n')).toEqual([
      ['x0', 1, 0.5],
      ['x1', 2, 4],
    ]);
    expect(read('1\n2')).toMatchObject({ time: 2, flat: true });
    expect(read('\uFEFFx\n2')).toMatchObject({ features: [{ name: 'x' }] });
  });

  it('names row and column of every fault', () => {
    const text = 'a,b\n1,two\n,3\n1,2,3\n1e999,4\n';
    expect(() => read(text)).toThrow(
      [
        'a.csv: row 2, column 2 (b): expected a number, found "two"',
        'a.csv: row 3, column 1 (a): expected a number, found an empty cell',
        'a.csv: row 4: expected 2 cells separated by commas, as in the first row, found 3',
        'a.csv: row 5, column 1 (a): expected a number, found "1e999"',
      ].join('\n'),
    );
  });

  it.each([
    ['1;2\n3;4', 'row 1, column 1 (x0): expected a number, found "1;2"'],
    ['nan\n1', 'found "nan"'],
    ['NaN\n1', 'found "NaN"'],
    ['0x10\n1', 'found "0x10"'],
    ['-inf\n1', 'found "-inf"'],
    ['a,a\n1,2', 'row 1, column 2: expected a name of its own, found "a" again'],
    [',a\n0,1', 'row 1, column 1: expected a name of its own, found an empty cell'],
    ['a,1\n0,1', 'row 1, column 1 (x0): expected a number, found "a"'],
    ['a,b\n', 'expected at least one row of numbers, found none'],
    ['', 'expected at least one row of numbers, found none'],
    ['1\n\n2', 'row 2, column 1 (x0): expected a number, found an empty cell'],
  ])('%j is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('ends a list of faults', () => {
    expect(() => read(`1\n${'x\n'.repeat(1000)}`)).toThrow(/row 21, [^\n]*\nhelp/);
  });

  it('reads back what was written, number for number', () => {
    const column = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(column, column, (a, b) => {
        // A sign of zero does not survive.
        const [x, y] = [a, b].map((values) => values.map((value) => value + 0));
        const text = writeColumns([
          { name: 'x', values: x! },
          { name: 'y', values: y! },
        ]);
        expect(rows(text)).toEqual([
          ['x', ...x!],
          ['y', ...y!],
        ]);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
