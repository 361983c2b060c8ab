import type { CommandFile } from '../command.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';
import { pictureFile } from '../plot-option.ts';

interface Options extends JsonOption {
  readonly x: string;
  readonly y: readonly string[];
  readonly series?: string;
  readonly title?: string;
  readonly log?: boolean;
  readonly output: string;
}

/** `plot`: rows of JSON, such as a sweep's, as a line plot. */
export const plot: CommandFile = {
  name: 'plot',
  declare(program, io) {
    const command = program
      .command('plot')
      .description('draw rows of a JSON file, such as those of a sweep or a comparison, as lines')
      .argument('<rows.json>', 'a list of objects, or an object with one such list or with curves')
      .requiredOption('--x <field>', 'field of the horizontal axis; a.b is b in a')
      .requiredOption(
        '--y <fields>',
        'field of the vertical axis; several, comma-separated, below each other',
        (text: string) => text.split(','),
      )
      .option(
        '--series <field>',
        'field whose values tell lines apart (default: the coding, where rows are of several)',
      )
      .option('--title <text>', 'what the picture is called')
      .option('--log', 'horizontal axis in powers of ten (default: where it spans more than a factor of 12)')
      .option('--no-log', 'horizontal axis linear')
      .requiredOption('-o, --output <file>', 'picture to write (.svg or .png)', pictureFile);
    return withJsonOption(command).action(async (path: string, options: Options) => {
      const { expectWritable, readWhole } = await import('../../files.ts');
      const { writePlot } = await import('../plot-option.ts');
      const { ownSeries, parseRows, rowFigure } = await import('../../report/row-plot.ts');
      const { output } = options;
      await expectWritable(output);
      const rows = parseRows(new TextDecoder().decode(await readWhole(path)), path);
      const series = options.series ?? ownSeries(rows);
      const figure = rowFigure(rows, { ...options, ...(series === undefined ? {} : { series }) });
      await writePlot(output, figure);
      const points = figure.table.rows.length;
      const text = `${output}   ${figure.title}, ${points} points`;
      await answer(io, options, { file: output, title: figure.title, points }, text);
    });
  },
};
