import { InvalidArgumentError } from 'commander';
import { signalEncoders } from '../../signals/index.ts';
import type { Values } from '../../signals/parameter.ts';
import type { Signal } from '../../signals/signal.ts';
import type { Behaviour, SignalEncoder } from '../../signals/signal-encoder.ts';
import type { CommandFile } from '../command.ts';
import type { CommandIo } from '../io.ts';
import { parseCount, parseNumbers } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { type PlotsOption, plotWriter } from '../plot-option.ts';
import { progressLine } from '../progress-line.ts';
import { signalFile, spikeFile } from '../signal-options.ts';

interface Options extends JsonOption, PlotsOption {
  readonly method?: string;
  readonly set?: readonly string[];
  readonly like?: string;
  readonly optimise?: true;
  readonly trials?: number;
  readonly corrected?: true;
  readonly columns?: readonly string[];
  readonly range?: string;
  readonly compare?: true;
  readonly output?: string;
  readonly reconstruction?: string;
}

const DEFAULT_METHOD = 'sf';

/** The encoder is run so many times at least and at most, until so many milliseconds are spent. */
const TIMING = { least: 3, most: 51, milliseconds: 50 } as const;

/** `encode`: a measured signal as spikes, by one method or by all side by side. */
export const encode: CommandFile = {
  name: 'encode',
  declare(program, io) {
    const command = program
      .command('encode')
      .description(
        'encode a signal over time into spikes, measure what is lost, or compare the methods on it',
      )
      .argument(
        '[signal]',
        '.csv (a column for each feature) or .npy ([time] or [features, time]); without it, a synthetic vibration',
      )
      .option('--method <name>', `${names()} (default: ${DEFAULT_METHOD}); for --compare some, with commas`)
      .option('--set <name=value>', 'a parameter of the method; may be repeated', collect)
      .option(
        '--like <file>',
        'method, rules, parameters and ranges of an earlier encoding (its --json)',
        fileEndingIn('.json'),
      )
      .option('--optimise', 'search the parameters of least error, feature by feature')
      .option(
        '--trials <number>',
        'encodings that the search may try for each feature (default: 100)',
        parseCount,
      )
      .option('--corrected', "the corrected rules in place of the reference implementation's")
      .option('--columns <names>', 'the features to encode, separated by commas (default: all)', (text) =>
        text.split(','),
      )
      .option('--range <low,high>', 'the range that is normalised (default: that of each feature)')
      .option('--compare', 'all methods side by side, with default and with optimised parameters')
      .option('-o, --output <file>', 'spikes (.npz with signal and reconstruction, .npy, .csv)', spikeFile)
      .option('--reconstruction <file>', 'the decoded signal (.csv, .npy)', signalFile)
      .option(
        '--plots <folder>',
        'write signal, spikes and reconstruction of each method and feature as SVG and PNG, sized for a paper',
      )
      .addHelpText('after', () => `\n${methodsHelp()}`);
    return withJsonOption(command).action(async (path: string | undefined, options: Options) => {
      const { expectWritable } = await import('../../files.ts');
      refuseContradictions(options);
      for (const file of [options.output, options.reconstruction]) {
        if (file !== undefined) await expectWritable(file);
      }
      const signal = await signalFrom(path, options.columns);
      await (options.compare ? compare : encodeOne)(io, options, signal, await originOf(path));
      if (options.columns === undefined) await noteTime(io, signal);
    });
  },
};

async function encodeOne(io: CommandIo, options: Options, signal: Signal, source: string): Promise<void> {
  const { encodeSignal } = await import('../../signals/encoding.ts');
  const { encodingRecord } = await import('../../signals/encoding-record.ts');
  const { measureEncoding } = await import('../../signals/measure.ts');
  const { writeSignal } = await import('../../signals/signal-file.ts');
  const { spikeFormatOf, writeSpikes } = await import('../../signals/spike-file.ts');
  const { signalFigures } = await import('../../report/signal-figures.ts');
  const { encodingText } = await import('../../report/signal-text.ts');
  const { writeWhole } = await import('../../files.ts');
  const { output, reconstruction } = options;
  const plot = await plotWriter(io, options);
  const { encoder, trials, ...rules } = await chosen(io, options, signal);
  const measured = measureEncoding(signal, encodeSignal(encoder, signal, rules));
  if (output !== undefined) await writeWhole(output, writeSpikes(measured, spikeFormatOf(output)!));
  if (reconstruction !== undefined) {
    const format = reconstruction.toLowerCase().endsWith('.csv') ? 'csv' : 'npy';
    await writeWhole(reconstruction, writeSignal(measured.reconstruction, format));
  }
  const correctedMse =
    rules.behaviour === 'corrected' || encoder.corrections.length === 0
      ? null
      : measureEncoding(signal, encodeSignal(encoder, signal, { ...rules, behaviour: 'corrected' })).metrics
          .mse;
  const milliseconds = timeOf(() => encodeSignal(encoder, signal, rules));
  const record = encodingRecord(measured, { source, trials });
  const text = encodingText(measured, { milliseconds, correctedMse, trials });
  await answer(io, options, record, [text, ...writtenLines(options)].join('\n'));
  await plot(() => signalFigures(measured));
}

/** What was written, and what decoding it will take. */
function writtenLines({ output, reconstruction, json }: Options): string[] {
  const lines = [output, reconstruction].flatMap((file) => (file === undefined ? [] : [`wrote ${file}`]));
  if (output !== undefined && json === undefined) {
    lines.push('to decode it later keep the record: --json FILE');
  }
  return lines;
}

async function compare(io: CommandIo, options: Options, signal: Signal, source: string): Promise<void> {
  const { compareSignalEncoders } = await import('../../signals/compare.ts');
  const { encodeSignal } = await import('../../signals/encoding.ts');
  const { signalEncoderNamed } = await import('../../signals/index.ts');
  const { DEFAULT_TRIALS } = await import('../../signals/optimise.ts');
  const { signalFigures } = await import('../../report/signal-figures.ts');
  const { comparisonText } = await import('../../report/signal-text.ts');
  const { TOOL } = await import('../../tool.ts');
  const behaviour = behaviourOf(options);
  const range = await rangeFrom(options);
  const trials = options.trials ?? DEFAULT_TRIALS;
  const encoders = options.method?.split(',').map(signalEncoderNamed) ?? signalEncoders;
  const plot = await plotWriter(io, options);
  const progress = progressLine(io, 'comparing');
  const rows = compareSignalEncoders(signal, { encoders, behaviour, trials, progress, ...range });
  const milliseconds = rows.map(({ encoder, defaults, optimised }) => {
    const values = (optimised ?? defaults).encoding.features.map((feature) => feature.values);
    return timeOf(() => encodeSignal(encoder, signal, { behaviour, values, ...range }));
  });
  const methods = rows.map(({ encoder, defaults, optimised }) => ({
    method: encoder.name,
    defaults: defaults.metrics,
    optimised: optimised?.metrics ?? null,
    parameters:
      optimised?.encoding.features.map(({ name, values }) => ({ feature: name, ...values })) ?? null,
  }));
  const { time, features } = signal;
  const result = { tool: TOOL, signal: source, time, features: features.length, behaviour, trials, methods };
  await answer(io, options, result, comparisonText(rows, milliseconds));
  await plot(() => rows.flatMap(({ defaults, optimised }) => signalFigures(optimised ?? defaults)));
}

/** Encoder, rules and parameters that the options ask for; optimised where they say so. */
async function chosen(io: CommandIo, options: Options, signal: Signal) {
  const { signalEncoderNamed } = await import('../../signals/index.ts');
  const { optimiseSignalEncoder, DEFAULT_TRIALS } = await import('../../signals/optimise.ts');
  const { parseSettings } = await import('../../signals/parameter.ts');
  if (options.like !== undefined) return earlier(options.like, signal);
  const encoder: SignalEncoder = signalEncoderNamed(options.method ?? DEFAULT_METHOD);
  const values = parseSettings(encoder.parameters, options.set ?? []);
  const rules = { behaviour: behaviourOf(options), ...(await rangeFrom(options)) };
  if (!options.optimise) return { encoder, trials: 0, values, ...rules };
  const trials = options.trials ?? DEFAULT_TRIALS;
  const progress = progressLine(io, 'optimising');
  const fixed = Object.keys(values);
  return {
    encoder,
    trials,
    values: optimiseSignalEncoder(encoder, signal, { ...rules, values, trials, fixed, progress }),
    ...rules,
  };
}

/** What an earlier encoding did, for a signal of as many features. */
async function earlier(path: string, signal: Signal) {
  const { parseEncodingRecord } = await import('../../signals/encoding-record.ts');
  const { readWhole } = await import('../../files.ts');
  const { Ann2SnnError } = await import('../../errors.ts');
  const { encoder, behaviour, features } = parseEncodingRecord(await readWhole(path), path);
  if (features.length !== signal.features.length) {
    const message = `expected an encoding of ${signal.features.length} features, as the signal has, found one of ${features.length}`;
    throw new Ann2SnnError('invalid-data', { where: path, message });
  }
  const values: readonly Values[] = features.map((feature) => feature.values);
  return { encoder, behaviour, values, range: features.map(({ low, high }) => ({ low, high })), trials: 0 };
}

function refuseContradictions(options: Options): void {
  const given = (names: readonly (keyof Options)[]) => names.filter((name) => options[name] !== undefined);
  const refused = options.compare
    ? given(['set', 'like', 'optimise', 'output', 'reconstruction'])
    : options.like !== undefined
      ? given(['method', 'set', 'optimise', 'trials', 'corrected', 'range'])
      : [];
  if (options.trials !== undefined && !options.optimise && !options.compare && options.like === undefined) {
    throw new InvalidArgumentError('expected --optimise or --compare with --trials');
  }
  if (refused.length === 0) return;
  const beside = options.compare ? '--compare' : '--like';
  throw new InvalidArgumentError(
    `expected no ${refused.map((name) => `--${name}`).join(', ')} beside ${beside}`,
  );
}

async function signalFrom(path: string | undefined, columns: readonly string[] | undefined): Promise<Signal> {
  const { selectFeatures } = await import('../../signals/signal.ts');
  const { readSignal } = await import('../../signals/signal-file.ts');
  const { syntheticVibration } = await import('../../signals/synthetic-vibration.ts');
  const signal = path === undefined ? syntheticVibration() : await readSignal(path);
  return columns === undefined ? signal : selectFeatures(signal, columns, path ?? 'synthetic vibration');
}

/** Says so where the first column looks like the time of the others: it would be encoded as a feature. */
async function noteTime(io: CommandIo, { features }: Signal): Promise<void> {
  const { risesEvenly } = await import('../../signals/signal.ts');
  const [first, ...others] = features;
  if (others.length === 0 || !risesEvenly(first!.values)) return;
  const rest = others.map(({ name }) => name).join(',');
  io.err(`note: column ${first!.name} looks like time; --columns ${rest} leaves it out\n`);
}

async function originOf(path: string | undefined): Promise<string> {
  const { basename } = await import('node:path');
  return path === undefined ? 'synthetic vibration' : basename(path);
}

function behaviourOf({ corrected }: Options): Behaviour {
  return corrected ? 'corrected' : 'reference';
}

async function rangeFrom({ range }: Options) {
  if (range === undefined) return {};
  const [low, high, ...rest] = await parseNumbers('--range', range);
  if (low !== undefined && high !== undefined && low < high && rest.length === 0)
    return { range: { low, high } };
  throw new InvalidArgumentError(`--range: expected two numbers, the lower first, found "${range}"`);
}

/** Milliseconds of the fastest run, which other work on the machine disturbs least. */
function timeOf(run: () => unknown): number {
  const times: number[] = [];
  const start = performance.now();
  while (
    times.length < TIMING.least ||
    (times.length < TIMING.most && performance.now() - start < TIMING.milliseconds)
  ) {
    const began = performance.now();
    run();
    times.push(performance.now() - began);
  }
  return Math.min(...times);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function names(): string {
  return signalEncoders.map(({ name }) => name).join(', ');
}

/** Every method with its parameters and their defaults. */
function methodsHelp(): string {
  return (signalEncoders as readonly SignalEncoder[])
    .flatMap(({ name, summary, parameters }) => [
      `${name}: ${summary}`,
      ...Object.entries(parameters).map(
        ([parameter, { summary: what, default: value }]) => `  ${parameter} = ${value}`.padEnd(34) + what,
      ),
    ])
    .join('\n');
}
