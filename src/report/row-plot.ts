// A line plot of any table of rows, such as a sweep's: one number against another, one line for each value of a third.

import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { stacked } from '../plots/frame.ts';
import { type LinePoint, linePlot } from '../plots/line.ts';
import { logScale, roundedScale, tickText } from '../plots/scale.ts';
import type { Theme } from '../plots/theme.ts';
import type { Cell, Figure } from './figures/figure.ts';
import { percentTick } from './figures/formats.ts';

/** A row: fields by name, nested ones by their path with dots. */
export type Row = Readonly<Record<string, unknown>>;

export interface RowPlot {
  readonly x: string;
  /** One panel for each, below each other. */
  readonly y: readonly string[];
  /** Field whose values tell lines apart; one line unless given. */
  readonly series?: string;
  /** Whether x is logarithmic; where it spans more than a factor of 12 unless given. */
  readonly log?: boolean;
  readonly title?: string;
}

const SWEEP_HELP = 'the rows of a sweep as JSON: sweep ... --json sweep.json';

/**
 * The rows of a JSON text: a list, or an object with one list of objects (rows, points ...). Of an object with curves, as
 * `compare` and `report` write them, rows are their points, `coding` being the curve's name.
 * @throws Ann2SnnError `invalid-option`
 */
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
  const fields: Row = typeof value === 'object' && value !== null ? (value as Row) : {};
  if (isRows(fields.curves) && fields.curves.every(({ points }) => isRows(points))) {
    return fields.curves.flatMap(({ name, points }) =>
      (points as Row[]).map((row) => ({ coding: name, ...row })),
    );
  }
  const lists = Object.values(fields).filter(isRows);
  if (lists.length === 1) return lists[0]!;
  const message = `expected JSON with a list of rows, found ${lists.length === 0 ? 'none' : `${lists.length} lists`}`;
  throw new Ann2SnnError('invalid-option', { where: file, message }, { help: SWEEP_HELP });
}

/** What tells the lines of rows apart where nobody says: their coding, where they are of several. */
export function ownSeries(rows: readonly Row[]): string | undefined {
  const codings = rows.map(({ coding }) => coding);
  const named = codings.every((coding) => typeof coding === 'string');
  return named && new Set(codings).size > 1 ? 'coding' : undefined;
}

/**
 * The figure of some rows. Rows without a number in x or y are left out of a panel; intervals are drawn where a field such as
 * `accuracyInterval` has them.
 * @throws Ann2SnnError `invalid-option` naming every field that no row has
 */
export function rowFigure(rows: readonly Row[], plot: RowPlot): Figure {
  const { x, y, series: by, title = `${y.join(', ')} against ${x}` } = plot;
  checkFields(rows, [x, ...y], by);
  const name = [...y, x, ...(by === undefined ? [] : [by])].join('-').replace(/[^\w-]+/g, '-');
  const panels = y.map((field, i) => panelOf(rows, plot, field, y.length === 1 ? name : `${name}-${i + 1}`));
  const description = panels.map((panel) => panel.description).join(' ');
  const [only] = panels;
  return {
    ...{ name, title, description, caption: title },
    draw: (theme) =>
      panels.length === 1
        ? only!.draw(theme, title)
        : stacked(
            { id: name, title, description },
            theme,
            panels.map((panel) => panel.draw(theme, panel.title)),
          ),
    table: { headings: [by ?? 'Line', x, 'Field', 'Value'], rows: panels.flatMap((panel) => panel.cells) },
  };
}

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly cells: readonly Cell[][];
  draw(theme: Theme, title: string): string;
}

/** One vertical axis. */
function panelOf(rows: readonly Row[], { x, series: by, log: asked }: RowPlot, y: string, id: string): Panel {
  const lines = new Map<string, LinePoint[]>();
  const cells: Cell[][] = [];
  for (const row of rows) {
    const [at, value] = [numberAt(row, x), numberAt(row, y)];
    if (at === null || value === null) continue;
    const label = by === undefined ? y : labelOf(by, fieldAt(row, by));
    const interval = intervalAt(row, y);
    const points = lines.get(label) ?? [];
    lines.set(label, points);
    points.push({
      ...{ x: at, y: value, name: `${label}: ${y} ${value} at ${x} ${at}` },
      ...(interval === null ? {} : { interval }),
    });
    cells.push([label, String(at), y, String(value)]);
  }
  const series = [...lines].map(([label, points]) => ({
    label,
    points: [...points].sort((a, b) => a.x - b.x),
  }));
  const all = series.flatMap(({ points }) => points);
  const xs = all.map((point) => point.x);
  const ys = all.flatMap((point) => [
    point.y,
    point.interval?.low ?? point.y,
    point.interval?.high ?? point.y,
  ]);
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const log = asked ?? (low > 0 && high / low > 12);
  if (log && low <= 0) {
    const message = 'expected numbers above 0 on a logarithmic axis, found others';
    throw new Ann2SnnError('invalid-option', { where: x, message });
  }
  const told = series.map(
    ({ label, points }) => `${label}: ${points.map((point) => `${point.y} at ${point.x}`).join(', ')}.`,
  );
  const description = `${y} against ${x}. ${told.join(' ')}`;
  return {
    ...{ title: `${y} against ${x}`, description, cells },
    draw: (theme, title) =>
      linePlot(
        {
          ...{ id, title, description },
          x: {
            scale: log ? logScale(low, high) : roundedScale(low, high, 6),
            label: LABELS[x] ?? x,
            format: tickText,
          },
          y: {
            scale: roundedScale(Math.min(...ys), Math.max(...ys), 5),
            ...{ label: LABELS[y] ?? y, format: isFraction(y) ? percentTick : tickText },
          },
          series,
        },
        theme,
      ),
  };
}

/** What the legend calls a line: "Ts 1", but "rate" where the value is a name. */
function labelOf(field: string, value: unknown): string {
  return typeof value === 'string' ? value : `${field} ${String(value)}`;
}

/** What an axis calls the fields of a sweep; others are called by their names. */
const LABELS: Readonly<Record<string, string>> = {
  opf: 'operations per frame (OPF)',
  opfWithEncoder: 'operations per frame (OPF), encoder included',
  latency: 'latency, time steps',
  steps: 'time steps',
  energyMj: 'energy per image, mJ, arithmetic only',
  spikesPerNeuron: 'spikes per neuron',
  T: 'coding steps T',
  'residual.mean': 'mean |residual|, theta',
  'residual.p999': '99.9th percentile of |residual|, theta',
};

/** Fields that are fractions of images. */
function isFraction(field: string): boolean {
  return /accuracy|agreement|loss|top5/i.test(field);
}

/** The ends of the interval that stands beside a field. */
function intervalAt(row: Row, field: string): { readonly low: number; readonly high: number } | null {
  const [low, high] = [numberAt(row, `${field}Interval.low`), numberAt(row, `${field}Interval.high`)];
  return low === null || high === null ? null : { low, high };
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
