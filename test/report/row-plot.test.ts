import { describe, expect, it } from 'vitest';
import { Ann2SnnError } from '../../src/errors.ts';
import { paperTheme } from '../../src/plots/theme.ts';
import { ownSeries, parseRows, rowFigure } from '../../src/report/row-plot.ts';

const rows = [
  { T: 4, Ts: 0, opf: 2e6, accuracy: 0.7, accuracyInterval: { low: 0.6, high: 0.8 }, residual: { p999: 2 } },
  { T: 8, Ts: 0, opf: 4e6, accuracy: 0.8, residual: { p999: 1 } },
  { T: 4, Ts: 1, opf: 3e6, accuracy: 0.9, residual: { p999: 0.5 } },
  { T: 8, Ts: 1, opf: 5e6, accuracy: null, residual: null },
];

describe('parseRows', () => {
  it('takes a list, or the only list of objects in an object', () => {
    expect(parseRows('[{"a": 1}]', 'f')).toEqual([{ a: 1 }]);
    expect(parseRows('{"rows": [{"a": 1}], "names": ["x"], "n": 2}', 'f')).toEqual([{ a: 1 }]);
  });

  it('takes the points of curves, each with the name of its coding', () => {
    const curves = [
      { name: 'css', points: [{ steps: 2 }, { steps: 3 }] },
      { name: 'fs', points: [{ steps: 4 }] },
    ];
    const rows = parseRows(JSON.stringify({ needs: [{ points: 1 }], curves }), 'f');
    expect(rows).toEqual([
      { coding: 'css', steps: 2 },
      { coding: 'css', steps: 3 },
      { coding: 'fs', steps: 4 },
    ]);
  });

  it.each(['', '{}', '[]', '[1]', '{"a": [{"x": 1}], "b": [{"x": 1}]}'])(
    'refuses %j, naming the file',
    (text) => {
      expect(() => parseRows(text, 'rows.json')).toThrow(
        /rows\.json: expected JSON with a list of rows.*\nhelp: the rows of a sweep as JSON: sweep \.\.\. --json sweep\.json/,
      );
    },
  );
});

describe('rowFigure', () => {
  it('has one line for each value of the series, its points by x, and leaves out rows without numbers', () => {
    const { table, draw, description } = rowFigure(rows, { x: 'opf', y: ['accuracy'], series: 'Ts' });
    expect(table.rows).toEqual([
      ['Ts 0', '2000000', 'accuracy', '0.7'],
      ['Ts 0', '4000000', 'accuracy', '0.8'],
      ['Ts 1', '3000000', 'accuracy', '0.9'],
    ]);
    expect(description).toBe(
      'accuracy against opf. Ts 0: 0.7 at 2000000, 0.8 at 4000000. Ts 1: 0.9 at 3000000.',
    );
    const svg = draw(paperTheme);
    expect(svg).toContain('>Ts 1</text>');
    expect(svg).toContain('>80 %</text>');
    // the interval of the first point, as a vertical stroke
    expect(svg).toMatch(/stroke-opacity="0.45"/);
  });

  it('calls lines by names where the series has names', () => {
    const named = [
      { coding: 'css', T: 4, accuracy: 0.7 },
      { coding: 'fs', T: 4, accuracy: 0.8 },
    ];
    const { table } = rowFigure(named, { x: 'T', y: ['accuracy'], series: 'coding' });
    expect(table.rows.map(([line]) => line)).toEqual(['css', 'fs']);
    expect(ownSeries(named)).toBe('coding');
    expect(ownSeries([named[0]!, named[0]!])).toBeUndefined();
    expect(ownSeries(rows)).toBeUndefined();
  });

  it('draws several fields below each other, nested ones by their path', () => {
    const figure = rowFigure(rows, { x: 'T', y: ['residual.p999', 'accuracy'] });
    expect(figure.name).toBe('residual-p999-accuracy-T');
    const svg = figure.draw(paperTheme);
    expect(svg.match(/<svg /g)).toHaveLength(3);
    const [, whole, first, second] =
      /viewBox="0 0 380 ([\d.]+)".*viewBox="0 0 380 ([\d.]+)".*viewBox="0 0 380 ([\d.]+)"/s.exec(svg)!;
    expect(Number(whole)).toBeGreaterThan(Number(first) + Number(second));
    expect(svg.match(/88mm/g), 'only the whole has a size on paper').toHaveLength(1);
  });

  it('names every field that no row has, and those there are', () => {
    const plot = () => rowFigure(rows, { x: 'ops', y: ['acc'], series: 'silent' });
    expect(plot).toThrow(Ann2SnnError);
    expect(plot).toThrow(/ops: .*\n.*acc: .*\n.*silent: .*T, Ts, opf, accuracy, .*residual\.p999/);
  });

  it('refuses a logarithmic axis that reaches zero', () => {
    expect(() => rowFigure([{ a: 0, b: 1 }], { x: 'a', y: ['b'], log: true })).toThrow(
      /a: expected numbers above 0/,
    );
  });
});
