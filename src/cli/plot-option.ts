// Plots of rows as commands take them: "opf,accuracy,Ts=figure.svg", and the picture that is written.
import { InvalidArgumentError } from 'commander';
import type { Figure } from '../report/figures/figure.ts';
import type { CommandIo } from './io.ts';
import type { JsonOption } from './output.ts';

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

/** The folder that a command writes its plots into. */
export interface PlotsOption {
  readonly plots?: string;
}

/**
 * Gets ready to write figures into the folder of `--plots`, as SVG and PNG, and to say so where the answer is text. What that
 * takes is asked for at once, before a long job; the figures come after the answer, which they cannot take with them.
 * @throws Ann2SnnError `missing-dependency` where sharp is not installed
 */
export async function plotWriter(
  io: CommandIo,
  { plots: folder, json }: PlotsOption & JsonOption,
): Promise<(figures: () => readonly Figure[]) => Promise<void>> {
  if (folder === undefined) return async () => {};
  const { loadSharp } = await import('../data/images.ts');
  await loadSharp();
  return async (figures) => {
    const { mkdir } = await import('node:fs/promises');
    const { join } = await import('node:path');
    const { writeWhole } = await import('../files.ts');
    const { plotFiles } = await import('../report/plot-files.ts');
    const made = await plotFiles(figures());
    await mkdir(folder, { recursive: true });
    for (const [name, content] of made) await writeWhole(join(folder, name), content);
    if (json !== true) io.out(`${folder}   ${made.size} files: ${[...made.keys()].join(', ')}\n`);
  };
}
