// The options of commands that measure many networks of one model: where calibration and test images are, how many, how.
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AmplitudeSource } from '../conversion-job.ts';
import type { MeasureOptions } from '../sweep/bench.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  refuseDataOptions,
  withDataOptions,
  withNormalisationOptions,
} from './data-options.ts';
import { engineOption } from './engine-option.ts';
import type { CommandIo } from './io.ts';
import { parseCount } from './numbers.ts';
import { fileEndingIn, type JsonOption } from './output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from './plan-options.ts';
import { progressLine } from './progress-line.ts';

export interface ManyOptions extends DataOptions, NormalisationOptions, PlanOptions, JsonOption {
  readonly output?: string;
  readonly journal?: string;
  readonly calibration?: string;
  readonly data: string;
  readonly images: number;
  readonly engine: string;
  readonly workers: number;
}

/** Images that each network is measured on unless told. */
const IMAGES = 1000;

/** Adds what is measured on. */
export function withManyOptions(command: Command): Command {
  command
    .option(
      '--calibration <path>',
      'images to measure amplitudes on, or a calibration file (.json) that holds the percentiles',
    )
    .requiredOption('--data <path>', 'test images (.npz, .npy, IDX, CIFAR binary, folder of class folders)')
    .addOption(
      new Option('--images <count>', 'measure every network on the first so many test images')
        .argParser(parseCount)
        .default(IMAGES),
    )
    .addOption(engineOption())
    .addOption(
      new Option('--workers <count>', 'threads, a network each')
        .argParser(parseCount)
        .default(availableParallelism(), 'one for each core'),
    )
    .option('-o, --output <file>', 'table to write (.csv)', fileEndingIn('.csv'))
    .option(
      '--journal <file>',
      'file of what was measured, to go on from (default: the -o file, or that of --json, and .journal)',
    );
  return withPlanOptions(
    withNormalisationOptions(withDataOptions(command, 'calibration images; --images is for the test images')),
  );
}

/** The options for the library. `--limit` is that of the calibration set, `--labels` and `--classes` are of the test set. */
export async function manyOptions(
  io: CommandIo,
  invoked: Command,
  options: ManyOptions,
): Promise<MeasureOptions> {
  const { engineNamed } = await import('../engines/index.ts');
  const { expectWritable } = await import('../files.ts');
  if (options.output !== undefined) await expectWritable(options.output);
  const files = journalOf(options);
  if (files === null) io.err('nothing is kept of what ends early: no -o, --json FILE or --journal\n');
  const { limit: _, ...test } = datasetOptions(options);
  return {
    ...files,
    ...planOptions(options),
    amplitudes: await amplitudesOf(invoked, options),
    data: { path: options.data, options: { ...test, limit: options.images } },
    engine: engineNamed(options.engine),
    workers: options.workers,
    progress: (stage) => progressLine(io, stage),
  };
}

/** Says how much a journal saved. */
export function tellResumed(io: CommandIo, before: number, all: number): void {
  if (before > 0) io.err(`${before} of ${all} networks were measured before\n`);
}

/** The journal and the file of the times beside it; null where there is no place for them. */
function journalOf({ journal, output, json }: ManyOptions) {
  const beside = output ?? (typeof json === 'string' ? json : undefined);
  const path = journal ?? (beside === undefined ? undefined : `${beside}.journal`);
  return path === undefined ? null : { journal: path, timings: `${path}.times` };
}

async function amplitudesOf(invoked: Command, options: ManyOptions): Promise<AmplitudeSource> {
  const { calibration: path, limit, layout } = options;
  if (path?.endsWith('.json') === true) {
    refuseDataOptions(invoked, 'a calibration file, which has its own preprocessing', [
      ...['limit', 'scale', 'mean', 'std', 'channels'],
    ]);
    const { parseCalibration } = await import('../calibration/calibration.ts');
    const { readWhole } = await import('../files.ts');
    const text = new TextDecoder().decode(await readWhole(path));
    return { kind: 'calibration', calibration: parseCalibration(text, path) };
  }
  const preprocessing = await givenPreprocessing(options);
  if (path === undefined) {
    if (limit !== undefined) throw new InvalidArgumentError('--limit: expected --calibration beside it');
    return { kind: 'quantizers', preprocessing };
  }
  const reading = { ...(limit === undefined ? {} : { limit }), ...(layout === undefined ? {} : { layout }) };
  return { kind: 'images', path, options: reading, preprocessing };
}
