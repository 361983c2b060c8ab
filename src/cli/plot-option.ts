// Plots of rows as commands take them: "opf,accuracy,Ts=figure.svg", and the picture that is written.
import { InvalidArgumentError } from 'commander';
import type { Figure } from '../report/figures/figure.ts';

/** Which fields of rows make a picture, and where it goes. */
export interface PlotOption {
  readonly x: string;
  readonly y: readonly string[];
  readonly series?: string;
  readonly file: string;
}

/** What help texts say of the form. */
export const PLOT_FORM = 'x,y[,series]=file.svg';

/** Adds one plot to those before it, for commander. */
export function collectPlot(text: string, before: readonly PlotOption[] = []): readonly PlotOption[] {
  const at = text.indexOf('=');
  const [x, y, series, ...more] = text.slice(0, Math.max(at, 0)).split(',');
  if (at < 0 || !x || !y || more.length > 0) {
    throw new InvalidArgumentError(`expected ${PLOT_FORM} (several y as y1+y2), found "${text}"`);
  }
  const file = pictureFile(text.slice(at + 1));
  return [...before, { x, y: y.split('+'), ...(series ? { series } : {}), file }];
}

/** Refuses fields that rows do not have: asked for before a long job, not after it. Nested ones are told by their first part. */
export function checkPlotFields(plots: readonly PlotOption[], fields: readonly string[]): void {
  const asked = plots.flatMap(({ x, y, series }) => [x, ...y, ...(series === undefined ? [] : [series])]);
  const unknown = asked.filter((field) => !fields.includes(field.split('.')[0]!));
  if (unknown.length === 0) return;
  throw new InvalidArgumentError(
    `--plot: expected fields of ${fields.join(', ')}, found ${unknown.join(', ')}`,
  );
}

/** A file that pictures are written to. */
export function pictureFile(path: string): string {
  if (/\.(svg|png)$/i.test(path)) return path;
  throw new InvalidArgumentError(`expected a file whose name ends in .svg or .png, found "${path}"`);
}

/** Writes a figure in the look of a paper, as its file's name ends. */
export async function writePlot(file: string, figure: Figure): Promise<void> {
  const { writeWhole } = await import('../files.ts');
  const { paperPng, paperSvg } = await import('../report/plot-files.ts');
  await writeWhole(file, /\.png$/i.test(file) ? await paperPng(figure) : paperSvg(figure));
}
