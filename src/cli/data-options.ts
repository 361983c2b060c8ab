// The options by which a data set is read and normalised: the same for every command that takes one.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DatasetOptions } from '../data/dataset.ts';
import { CHANNEL_ORDERS, type Preprocessing } from '../data/preprocessing.ts';
import { parseCount, parseNumber, parseNumbers } from './numbers.ts';

export interface DataOptions {
  readonly limit?: number;
  readonly layout?: 'nchw' | 'nhwc';
  readonly labels?: string;
  readonly classes?: string;
}

export interface NormalisationOptions {
  readonly mean?: string;
  readonly std?: string;
  readonly scale?: string;
  readonly channels?: Preprocessing['channels'];
}

/** The options that say how a data set is read. */
export const DATA_OPTIONS = [
  'limit',
  'layout',
  'labels',
  'classes',
] as const satisfies readonly (keyof DataOptions)[];
const NORMALISATION_OPTIONS = [
  'scale',
  'mean',
  'std',
  'channels',
] as const satisfies readonly (keyof NormalisationOptions)[];

/**
 * Adds how to read a data set, and how much of it.
 * @param limited which images `--limit` counts, where a command reads several sets
 */
export function withDataOptions(command: Command, limited = 'images'): Command {
  return withReadingOptions(command.option('--limit <images>', `use only the first ${limited}`, parseCount));
}

/** Adds how to read a data set. */
export function withReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--layout <order>', 'axis order of .npz and .npy arrays')
        .choices(['nchw', 'nhwc'])
        .default('nchw'),
    )
    .option('--labels <file>', 'labels that go with .npy or IDX images')
    .option('--classes <file>', 'class names, one per line, for a folder of class folders');
}

/** Adds how pixels become the model's input. */
export function withNormalisationOptions(command: Command): Command {
  return command
    .option(
      '--scale <number>',
      "divisor of the pixels: x' = (x/scale - mean)/std (default: 255 for uint8, 1 for float)",
    )
    .option('--mean <numbers>', 'mean per channel, comma-separated (default: 0)')
    .option('--std <numbers>', 'standard deviation per channel, comma-separated (default: 1)')
    .addOption(
      new Option('--channels <order>', 'channels that the model expects')
        .choices(CHANNEL_ORDERS)
        .default('as-is'),
    );
}

/** What the options say of a data set. */
export function datasetOptions({ limit, layout, labels, classes }: DataOptions): DatasetOptions {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(layout === undefined ? {} : { layout }),
    ...(labels === undefined ? {} : { labels }),
    ...(classes === undefined ? {} : { classes }),
  };
}

/** Refuses the options of a data set, or those of `names`, where none is read: they would be ignored. */
export function refuseDataOptions(
  command: Command,
  source: string,
  names: readonly string[] = [...DATA_OPTIONS, ...NORMALISATION_OPTIONS],
): void {
  const given = names.filter((name) => command.getOptionValueSource(name) === 'cli');
  if (given.length === 0) return;
  throw new InvalidArgumentError(
    `${given.map((name) => `--${name}`).join(', ')}: expected only with a data set, found ${source}`,
  );
}

/** What the options say of the preprocessing. */
export async function givenPreprocessing(options: NormalisationOptions): Promise<Partial<Preprocessing>> {
  return {
    ...(options.scale === undefined ? {} : { scale: await parseNumber('--scale', options.scale) }),
    ...(options.mean === undefined ? {} : { mean: await parseNumbers('--mean', options.mean) }),
    ...(options.std === undefined ? {} : { std: await parseNumbers('--std', options.std) }),
    ...(options.channels === undefined ? {} : { channels: options.channels }),
  };
}
