// A figure of a report: a plot in the look that is asked for, its words, and its data as a table.
import type { Theme } from '../../plots/theme.ts';
import type { PageData } from '../page-data.ts';

/** A value of the page's data as it is shown: where it stands in the data, what it is, how it is written. */
export interface Shown {
  readonly path: string;
  readonly value: number | string | null;
  readonly text: string;
}

export type Cell = string | Shown;

export interface DataTable {
  readonly headings: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly Cell[])[];
}

export interface Figure {
  /** Name of its files, and its id on a page. */
  readonly name: string;
  readonly title: string;
  /** What there is to see and how to read it. */
  readonly caption: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  draw(theme: Theme): string;
  readonly table: DataTable;
}

/** Makes a figure of a page's data, or null where the data have nothing to show. */
export type FigureOf = (data: PageData) => Figure | null;

/** The value at a path of the data, such as `report.layers.3.theta`, written by `format`; a dash for null. */
export function shown<V extends number | string>(
  data: PageData,
  path: string,
  format: (value: V) => string = String,
): Shown {
  const value = path
    .split('.')
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>>)[key], data) as V | null;
  if (value === undefined) throw new RangeError(`no value at ${path}`);
  return { path, value, text: value === null ? '–' : format(value) };
}
