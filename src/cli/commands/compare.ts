import { InvalidArgumentError, Option } from 'commander';
import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { parseCount } from '../numbers.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';
import { type PlotsOption, plotWriter } from '../plot-option.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, PlanOptions, JsonOption, PlotsOption {
  readonly calibration: string;
  readonly data: string;
  readonly codings?: readonly string[];
  readonly images: number;
}

/** Test images unless told: a rate-coded network of 128 steps is run on each. */
const IMAGES = 500;

/** `compare`: CSS, SWS and other codings on the same network and images. */
export const compare: CommandFile = {
  name: 'compare',
  declare(program, io) {
    const command = program
      .command('compare')
      .description(
        'compare codings on one model: accuracy against steps, and what each needs to come within 1 and 0.1 points of the ANN',
      )
      .argument('<model.onnx>', 'the pretrained network')
      .requiredOption('--calibration <path>', 'calibration images')
      .requiredOption('--data <path>', 'labelled test images')
      .option(
        '--codings <names>',
        'codings, comma-separated, such as css,sws,rate,fs (default: all that can carry the network; docs/codings lists them)',
        names,
      )
      .addOption(
        new Option('--images <count>', 'measure on the first so many test images')
          .argParser(parseCount)
          .default(IMAGES),
      )
      .option(
        '--plots <folder>',
        'write accuracy against steps, latency and energy as SVG and PNG, sized for a paper',
      );
    const reading = withDataOptions(
      withPlanOptions(command),
      'calibration images; --images is for the test images',
    );
    return withJsonOption(withNormalisationOptions(reading)).action(
      async (path: string, options: Options) => {
        const { compareCodings } = await import('../../compare.ts');
        const { comparisonText } = await import('../../report/comparison.ts');
        const { comparisonFigures } = await import('../../report/comparison-figures.ts');
        const { limit, layout, ...test } = datasetOptions(options);
        const write = await plotWriter(io, options);
        const order = layout === undefined ? {} : { layout };
        const comparison = await compareCodings(path, {
          ...planOptions(options),
          calibration: {
            path: options.calibration,
            options: { ...order, ...(limit === undefined ? {} : { limit }) },
            preprocessing: await givenPreprocessing(options),
          },
          data: { path: options.data, options: { ...test, ...order, limit: options.images } },
          ...(options.codings === undefined ? {} : { codings: options.codings }),
          progress: (stage) => progressLine(io, stage),
        });
        await answer(io, options, comparison, comparisonText(comparison));
        await write(() => comparisonFigures(comparison));
      },
    );
  },
};

function names(text: string): readonly string[] {
  const found = text.split(',').map((name) => name.trim());
  if (found.includes('')) throw new InvalidArgumentError(`expected names between commas, found "${text}"`);
  return [...new Set(found)];
}
