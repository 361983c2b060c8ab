import { type Command, Option } from 'commander';
import { type EncoderName, encoders } from '../../encoders/index.ts';
import { codings } from '../../snn/network/coding.ts';
import type { CommandFile } from '../command.ts';
import { interrupted, interruptible } from '../interruption.ts';
import { type ManyOptions, manyOptions, tellResumed, withManyOptions } from '../measure-options.ts';
import { parseNumberList } from '../numbers.ts';
import { answer, withJsonOption } from '../output.ts';
import { checkPlotFields, collectPlot, PLOT_FORM, type PlotOption, writePlot } from '../plot-option.ts';

interface Options extends ManyOptions {
  readonly coding?: string;
  readonly encoder?: EncoderName;
  readonly steps?: string;
  readonly beta?: string;
  readonly silent?: string;
  readonly threshold?: string;
  readonly percentile?: string;
  readonly plot?: readonly PlotOption[];
}

/** `sweep`: a grid of codings, each converted and measured. */
export const sweep: CommandFile = {
  name: 'sweep',
  declare(program, io) {
    const command = program
      .command('sweep')
      .description(
        'convert and measure every combination of coding parameters; a sweep that was ended goes on where it was',
      )
      .argument('<model.onnx>', 'the pretrained network')
      .addOption(
        new Option(
          '--coding <name>',
          'preset of what is not given (default: css; sws for a quantized model)',
        ).choices(codings.map(({ name }) => name)),
      )
      .option('--steps <T>', 'coding steps; like the next four a list such as 4,6,8, 4:16 or 4:2:16')
      .option('--beta <factors>', 'amplification per step, such as 1.5,1.75,2 or 1.5:0.1:2')
      .option('--silent <Ts>', 'silent periods in steps, such as 0:2')
      .option('--threshold <phi>', 'firing thresholds as fractions of theta, such as 1/2,0.6,2/3')
      .option(
        '--percentile <p>',
        'percentiles of |activation| that the code just reaches, such as 99.9,99.99',
      )
      .addOption(new Option('--encoder <name>', 'input encoder').choices(encoders.map(({ name }) => name)))
      .option(
        `--plot <${PLOT_FORM}>`,
        'draw the rows: fields of the axes, and the one that tells lines apart, as in opf,accuracy,Ts=sweep.svg (y1+y2: one below the other)',
        collectPlot,
      );
    return withJsonOption(withManyOptions(command)).action(
      async (path: string, options: Options, invoked: Command) => {
        const { runSweep } = await import('../../sweep/sweep.ts');
        const { sweepText } = await import('../../sweep/text.ts');
        const { csvCells, csvText } = await import('../../sweep/csv.ts');
        const { expectWritable, writeWhole } = await import('../../files.ts');
        const { rowFigure } = await import('../../report/row-plot.ts');
        const { figuresSchema } = await import('../../sweep/rows.ts');
        checkPlotFields(options.plot ?? [], Object.keys(figuresSchema.shape));
        const axes = await axesOf(options);
        const measuring = await manyOptions(io, invoked, options);
        const { coding, encoder, output, plot = [] } = options;
        for (const { file } of plot) await expectWritable(file);
        const run = await interruptible(io, (signal) =>
          runSweep(path, {
            ...measuring,
            axes,
            ...(coding === undefined ? {} : { coding }),
            ...(encoder === undefined ? {} : { encoder }),
            signal,
          }),
        );
        tellResumed(io, run.before, run.sweep.settings);
        if (output !== undefined) await writeWhole(output, csvText(run.sweep.rows.map(csvCells)));
        await answer(io, options, run.sweep, sweepText(run.sweep));
        // A sweep that was ended before its first network has nothing to draw.
        for (const one of run.sweep.measured === 0 ? [] : plot) {
          await writePlot(one.file, rowFigure(run.sweep.rows, one));
        }
        if (run.sweep.measured < run.sweep.settings) throw interrupted();
      },
    );
  },
};

/** The values on each axis; one that is not given stays with the preset. */
async function axesOf({ steps, beta, silent, threshold, percentile }: Options) {
  const list = async (option: string, axis: string, text: string | undefined) =>
    text === undefined ? {} : { [axis]: await parseNumberList(option, text) };
  return {
    ...(await list('--steps', 'T', steps)),
    ...(await list('--beta', 'beta', beta)),
    ...(await list('--silent', 'Ts', silent)),
    ...(await list('--threshold', 'phi', threshold)),
    ...(await list('--percentile', 'percentile', percentile)),
  };
}
