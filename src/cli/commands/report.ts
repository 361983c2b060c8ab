import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { codings } from '../../snn/network/coding.ts';
import { answerFiles } from '../answer-files.ts';
import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  refuseDataOptions,
  withNormalisationOptions,
  withReadingOptions,
} from '../data-options.ts';
import { engineOption } from '../engine-option.ts';
import { parseCount, parseNumber, parseNumbers, parsePercentile } from '../numbers.ts';
import { fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';
import { type PlotsOption, plotWriter } from '../plot-option.ts';
import { progressLine } from '../progress-line.ts';
import { typedCommand } from '../typed-command.ts';

interface Options extends DataOptions, NormalisationOptions, PlanOptions, JsonOption, PlotsOption {
  readonly data: string;
  readonly output: string;
  readonly calibration?: string;
  readonly ann?: string;
  readonly images?: number;
  readonly coding?: string;
  readonly steps?: string;
  readonly beta?: string;
  readonly silent?: string;
  readonly threshold?: string;
  readonly percentile: string;
  readonly curve?: string;
  readonly sweep?: string;
  readonly baseline: boolean;
  readonly energyConstants?: string;
  readonly engine: string;
  readonly workers: number;
}

/** What only a conversion can use. */
const CONVERSION_OPTIONS = [
  'calibration',
  'coding',
  'steps',
  'beta',
  'silent',
  'threshold',
  'percentile',
  'curve',
];

/** `report`: everything about a conversion as one HTML page. */
export const report: CommandFile = {
  name: 'report',
  declare(program, io) {
    const command = program
      .command('report')
      .description(
        'convert, measure, and write one HTML page with all that there is to see, and its data as JSON',
      )
      .argument('<model>', 'the pretrained network (.onnx), or a converted one (.snn)')
      .requiredOption('--data <path>', 'test images (.npz, .npy, IDX, CIFAR binary, folder of class folders)')
      .requiredOption(
        '-o, --output <file>',
        'page to write (.html); its data go beside it (.json)',
        fileEndingIn('.html'),
      )
      .option('--calibration <path>', 'calibration images, for an ONNX file')
      .option('--ann <model.onnx>', 'the original network of a .snn file, to compare with')
      .option('--images <count>', 'use only the first test images', parseCount)
      .addOption(new Option('--coding <name>', 'preset').choices(codings.map(({ name }) => name)))
      .option('--steps <T>', 'coding time steps')
      .option('--beta <number>', 'amplification factor per step, above 1 and at most 2')
      .option('--silent <Ts>', 'silent period in steps; exact: T - 1')
      .option('--threshold <phi>', 'firing threshold as a fraction of theta')
      .option('--percentile <p>', 'percentile of |activation| that the code just reaches', '99.99')
      .option(
        '--curve <steps>',
        'coding time steps of the points of the accuracy curves, comma-separated (default: some around T)',
      )
      .option('--no-baseline', 'leave out the same network with plain rate coding')
      .option(
        '--sweep <file>',
        'points of a sweep (.json) in the place of the measured ones',
        fileEndingIn('.json'),
      )
      .option(
        '--energy-constants <file>',
        'energies in picojoules in the place of the built-in ones (.json)',
        fileEndingIn('.json'),
      )
      .option('--plots <folder>', 'write every plot as SVG and PNG, sized for a paper')
      .addOption(engineOption())
      .addOption(
        new Option('--workers <count>', 'threads that share the images')
          .argParser(parseCount)
          .default(availableParallelism(), 'one for each core'),
      );
    return withJsonOption(withNormalisationOptions(withReadingOptions(withPlanOptions(command)))).action(
      async (path: string, options: Options, invoked: Command) => {
        const { openDatasetFor } = await import('../../data/dataset.ts');
        const { engineNamed } = await import('../../engines/index.ts');
        const { expectWritable } = await import('../../files.ts');
        const { measurePage } = await import('../../report-job.ts');
        const { allFigures } = await import('../../report/figures/index.ts');
        const { pageHtml } = await import('../../report/html/page.ts');
        const { dataFileOf } = await import('../page-file.ts');
        const { inputEncoders } = await import('../../snn/network/network.ts');
        const { images, engine, workers, output } = options;
        refuseOverwriting(output, options);
        await expectWritable(output);
        const dataFile = await dataFileOf(output, '-o');
        const write = await plotWriter(io, options);
        const constants = await constantsOf(options);
        const curves = await curvesOf(options);
        const steps =
          options.curve === undefined ? {} : { steps: await parseNumbers('--curve', options.curve) };
        const progress = (stage: string) => progressLine(io, stage);
        const subject = isOnnx(path)
          ? await converted(path, options, progress)
          : await loaded(path, options, invoked);
        const dataOptions = {
          ...datasetOptions(options),
          ...(images === undefined ? {} : { limit: images }),
        };
        const dataset = await openDatasetFor(inputEncoders(subject.network), options.data, dataOptions);
        const page = await measurePage(subject, dataset, {
          ...{ command: typedCommand(invoked), engine: engineNamed(engine), workers, dataOptions, progress },
          ...{ ...constants, ...curves, baseline: options.baseline },
          ...steps,
        });
        const files = new Map<string, Uint8Array | string>([
          [output, pageHtml(page)],
          [dataFile, `${JSON.stringify(page, null, 1)}\n`],
        ]);
        await answerFiles(io, options, page, files);
        await write(() => allFigures(page));
      },
    );
  },
};

const isOnnx = (path: string) => path.toLowerCase().endsWith('.onnx');

/** The data go beside the page, where an input of the same name must not lie. */
function refuseOverwriting(page: string, { sweep, energyConstants }: Options): void {
  const dataFile = page.replace(/\.html$/i, '.json');
  for (const input of [sweep, energyConstants]) {
    if (input !== undefined && resolve(input) === resolve(dataFile)) {
      throw new InvalidArgumentError(
        `-o: expected another name, found one whose data would write over ${input}`,
      );
    }
  }
}

type Progress = (stage: string) => ReturnType<typeof progressLine>;

async function converted(path: string, options: Options, progress: Progress) {
  const { subjectOf } = await import('../../report-subject.ts');
  const { calibration, coding } = options;
  if (options.ann !== undefined)
    throw new InvalidArgumentError('--ann: expected beside a .snn file, found an ONNX file');
  if (calibration === undefined) {
    throw new InvalidArgumentError('--calibration: expected calibration images for an ONNX file, found none');
  }
  const number = async (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseNumber(option, text);
  return subjectOf(path, {
    ...planOptions(options),
    images: {
      path: calibration,
      options: calibrationOptions(options),
      preprocessing: await givenPreprocessing(options),
    },
    ...(coding === undefined ? {} : { coding }),
    parameters: {
      T: await number('--steps', options.steps),
      beta: await number('--beta', options.beta),
      Ts: options.silent === 'exact' ? 'exact' : await number('--silent', options.silent),
      phi: await number('--threshold', options.threshold),
    },
    percentile: await parsePercentile('--percentile', options.percentile),
    progress,
  });
}

/** Labels go with the test images alone. */
function calibrationOptions(options: Options) {
  const { labels: _, ...reading } = datasetOptions(options);
  return reading;
}

async function loaded(path: string, { ann }: Options, invoked: Command) {
  const { loadNetwork } = await import('../../snn/network/network-store.ts');
  const { loadOnnx } = await import('../../onnx/load.ts');
  const { prepare } = await import('../../pipeline.ts');
  refuseDataOptions(invoked, 'a converted network', [
    ...CONVERSION_OPTIONS,
    'scale',
    'mean',
    'std',
    'channels',
  ]);
  const network = await loadNetwork(path);
  if (ann === undefined) return { network };
  const file = await loadOnnx(ann);
  return { network, ann: file, fates: (await prepare(file)).fates };
}

async function constantsOf({ energyConstants: path }: Options) {
  if (path === undefined) return {};
  const { parseEnergyConstants } = await import('../../energy/energy-constants.ts');
  return { constants: parseEnergyConstants(await textOf(path), path) };
}

async function curvesOf({ sweep: path }: Options) {
  if (path === undefined) return {};
  const { basename } = await import('node:path');
  const { parseCurves } = await import('../../curves-file.ts');
  return { curves: { curves: parseCurves(await textOf(path), path), from: `the sweep ${basename(path)}` } };
}

async function textOf(path: string): Promise<string> {
  const { readWhole } = await import('../../files.ts');
  return new TextDecoder().decode(await readWhole(path));
}
