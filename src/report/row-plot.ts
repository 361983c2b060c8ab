// A line plot of any table of rows, such as a sweep's: one number against another, one line for each value of a third.

import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { type LinePoint, linePlot } from '../plots/line.ts';
import { logScale, roundedScale, tickText } from '../plots/scale.ts';
import type { Theme } from '../plots/theme.ts';
import type { Cell, Figure } from './figures/figure.ts';
import { percentTick } from './figures/formats.ts';

/** A row: fields by name, nested ones by their path with dots. */
export type Row = Readonly<Record<string, unknown>>;

export interface RowPlot {
  readonly x: string;
  readonly y: string;
  /** Field whose values tell lines apart; one line unless given. */
  readonly series?: string;
  /** Whether x is logarithmic; where it spans more than a factor of 12 unless given. */
  readonly log?: boolean;
  readonly title?: string;
}

/** The rows of a JSON text: a list, or an object with one list of objects (rows, points ...). @throws Ann2SnnError `invalid-option` */
export function parseRows(text: string, file: string): readonly Row[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: no rows.
  }
  const isRows = (list: unknown): list is Row[] =>
    Array.isArray(list) && list.length > 0 && list.every((row) => typeof row === 'object' && row !== null);
  if (isRows(value)) return value;
  const lists = typeof value === 'object' && value !== null ? Object.values(value).filter(isRows) : [];
  if (lists.length === 1) return lists[0]!;
  const message = `expected JSON with a list of rows, found ${lists.length === 0 ? 'none' : `${lists.length} lists`}`;
  throw new Ann2SnnError('invalid-option', { where: file, message });
}

/** The figure of some rows. Rows without a number in x or y are left out. @throws Ann2SnnError `invalid-option` naming every field that no row has */
export function rowFigure(rows: readonly Row[], plot: RowPlot): Figure {
  const { x, y, series: by, title = `${y} against ${x}` } = plot;
  checkFields(rows, [x, y], by);
  const lines = new Map<string, LinePoint[]>();
  const cells: Cell[][] = [];
  for (const row of rows) {
    const [at, value] = [numberAt(row, x), numberAt(row, y)];
    if (at === null || value === null) continue;
    const label = by === undefined ? y : `${by} ${String(fieldAt(row, by))}`;
    const points = lines.get(label) ?? [];
    lines.set(label, points);
    points.push({ x: at, y: value, name: `${label}: ${y} ${value} at ${x} ${at}` });
    cells.push([label, String(at), String(value)]);
  }
  const drawn = [...lines].map(([label, points]) => ({
    label,
    points: [...points].sort((a, b) => a.x - b.x),
  }));
  const all = drawn.flatMap(({ points }) => points);
  const xs = all.map((point) => point.x);
  const ys = all.map((point) => point.y);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const log = plot.log ?? (low > 0 && high / low > 12);
  if (log && low <= 0) {
    const message = 'expected numbers above 0 on a logarithmic axis, found others';
    throw new Ann2SnnError('invalid-option', { where: x, message });
  }
  const isFraction = /accuracy|agreement|top5/i.test(y);
  const description = drawn
    .map(({ label, points }) => `${label}: ${points.map((point) => `${point.y} at ${point.x}`).join(', ')}`)
    .join('. ');
  const name = [y, x, ...(by === undefined ? [] : [by])].join('-').replace(/[^\w-]+/g, '-');
  return {
    ...{ name, title, description, caption: title },
    draw: (theme: Theme) =>
      linePlot(
        {
          ...{ id: name, title, description },
          x: { scale: log ? logScale(low, high) : roundedScale(low, high, 6), label: x, format: tickText },
          y: {
            scale: roundedScale(Math.min(...ys), Math.max(...ys), 5),
            ...{ label: y, format: isFraction ? percentTick : tickText },
          },
          series: drawn,
        },
        theme,
      ),
    table: { headings: [by ?? 'Line', x, y], rows: cells },
  };
}

function checkFields(rows: readonly Row[], numeric: readonly string[], by: string | undefined): void {
  const problems: Problem[] = numeric
    .filter((field) => rows.every((row) => numberAt(row, field) === null))
    .map((field) => ({
      where: field,
      message: `expected a field with numbers, found none; there are ${names(rows)}`,
    }));
  if (by !== undefined && rows.every((row) => fieldAt(row, by) === undefined)) {
    problems.push({
      where: by,
      message: `expected a field of the rows, found none; there are ${names(rows)}`,
    });
  }
  throwIfAny('invalid-option', problems);
}

/** The field itself, or what stands at its path. */
function fieldAt(row: Row, path: string): unknown {
  if (path in row) return row[path];
  return path
    .split('.')
    .reduce<unknown>(
      (at, key) => (typeof at === 'object' && at !== null ? (at as Row)[key] : undefined),
      row,
    );
}

function numberAt(row: Row, path: string): number | null {
  const value = fieldAt(row, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The fields of the first row, nested ones by their paths. */
function names([row = {}]: readonly Row[]): string {
  const paths = (value: unknown, path: string): string[] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, one]) => paths(one, path === '' ? key : `${path}.${key}`))
      : [path];
  return paths(row, '').join(', ');
}
