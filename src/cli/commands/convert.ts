import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AmplitudeSource } from '../../conversion-job.ts';
import { type EncoderName, encoders } from '../../encoders/index.ts';
import { codings } from '../../snn/network/coding.ts';
import { WEIGHT_BITS } from '../../snn/plan/quantize-weights.ts';
import type { CommandFile } from '../command.ts';
import {
  DATA_OPTIONS,
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  refuseDataOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { parseCount, parseNumber, parsePercentile } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, PlanOptions, JsonOption {
  readonly calibration?: string;
  readonly output: string;
  readonly coding?: string;
  readonly steps?: string;
  readonly beta?: string;
  readonly silent?: string;
  readonly threshold?: string;
  readonly percentile: string;
  readonly differing: string;
  readonly lookAhead?: boolean;
  readonly adjust?: number;
  readonly weightBits?: string;
  readonly encoder?: EncoderName;
  readonly input?: EncoderName;
}

/** `convert`: ONNX file to .snn file. */
export const convert: CommandFile = {
  name: 'convert',
  declare(program, io) {
    const command = program
      .command('convert')
      .description('convert an ONNX file into a spiking network (.snn)')
      .argument('<model.onnx>', 'the pretrained network')
      .option(
        '--calibration <path>',
        'calibration images, or a calibration file (.json) of `calibrate`; a fully quantized model needs none',
      )
      .requiredOption('-o, --output <file>', 'network to write (.snn)', fileEndingIn('.snn'))
      .addOption(
        new Option(
          '--coding <name>',
          `preset: ${codings.map(described).join('; ')} (default: sws for a quantized model, css for any other)`,
        ).choices(codings.map((coding) => coding.name)),
      )
      .option('--steps <T>', 'coding time steps')
      .option('--beta <number>', 'amplification factor per step, above 1 and at most 2')
      .option(
        '--silent <Ts>',
        'silent period in steps; exact: T - 1; auto: the shortest of each layer that leaves all integers as they are',
      )
      .option('--differing <fraction>', 'with --silent auto: fraction of integers that may differ', '0')
      .option(
        '--look-ahead',
        'integer networks: neurons use what is known of their later input (default with --silent auto)',
      )
      .option('--no-look-ahead', 'with --silent auto: neurons know no more than has arrived')
      .option('--threshold <phi>', 'firing threshold as a fraction of theta, such as 0.5 or 2/3')
      .option(
        '--adjust <rounds>',
        'enlarge the amplitudes of layers that do not keep up on the first 64 calibration images, at most so often (CSS A.3)',
        parseCount,
      )
      .option('--percentile <p>', 'percentile of |activation| that the code just reaches', '99.99')
      .addOption(
        new Option(
          '--weight-bits <bits>',
          'quantize the weights of a float model, one scale per output channel',
        ).choices(WEIGHT_BITS.map(String)),
      )
      .addOption(
        new Option('--encoder <name>', 'input encoder').choices(encoders.map((encoder) => encoder.name)),
      )
      .addOption(
        new Option(
          '--input <kind>',
          'the same in other words: analog (products, counted as MACs), css, current or rate (spikes, counted as ACs)',
        )
          .argParser(encoderOfInput)
          .conflicts('encoder'),
      );
    return withJsonOption(withNormalisationOptions(withDataOptions(withPlanOptions(command)))).action(
      async (path: string, options: Options, invoked: Command) => {
        const { convertFile } = await import('../../conversion-job.ts');
        const { saveNetwork } = await import('../../snn/network/network-store.ts');
        const { expectWritable } = await import('../../files.ts');
        const { conversionSummary, conversionText } = await import('../../report/conversion.ts');
        refuseIgnored(invoked, options);
        const parameters = await codingParameters(options);
        const percentile = await parsePercentile('--percentile', options.percentile);
        const differing = await parseNumber('--differing', options.differing);
        const amplitudes = await amplitudeSource(options);
        await expectWritable(options.output);
        const { adjust, coding, lookAhead } = options;
        const weightBits = WEIGHT_BITS.find((bits) => String(bits) === options.weightBits);
        const conversion = await convertFile(path, {
          ...planOptions(options),
          ...(weightBits === undefined ? {} : { weightBits }),
          ...(coding === undefined ? {} : { coding }),
          ...(adjust === undefined ? {} : { adjust }),
          ...(lookAhead === undefined ? {} : { lookAhead }),
          amplitudes,
          parameters,
          percentile,
          differing,
          progress: (stage) => progressLine(io, stage),
        });
        await saveNetwork(options.output, conversion.network);
        const summary = conversionSummary(conversion.network, options.output, conversion);
        await answer(io, options, summary, conversionText(summary));
      },
    );
  },
};

/** "css: its paper's, ... (T 12, ...)" */
function described({ name, summary, T, beta, Ts, phi }: (typeof codings)[number]): string {
  return `${name}: ${summary} (T ${T}, beta ${beta}, Ts ${Ts}, phi ${Number(phi.toPrecision(3))})`;
}

/** What enters the first weights, and the encoder that it stands for. */
const INPUTS: Readonly<Record<string, EncoderName>> = {
  analog: 'analog',
  css: 'css',
  current: 'constant-current',
  rate: 'rate',
};

function encoderOfInput(kind: string): EncoderName {
  const encoder = Object.hasOwn(INPUTS, kind) ? INPUTS[kind] : undefined;
  if (encoder !== undefined) return encoder;
  const kinds = Object.keys(INPUTS).join(', ');
  throw new InvalidArgumentError(`expected one of ${kinds}, found "${kind}"`);
}

const isCalibrationFile = (path: string) => path.endsWith('.json');

/** Refuses options that would be ignored. */
function refuseIgnored(invoked: Command, { calibration, silent }: Options): void {
  if (calibration === undefined) refuseDataOptions(invoked, 'none', DATA_OPTIONS);
  else if (isCalibrationFile(calibration)) {
    refuseDataOptions(invoked, 'a calibration file, which has its own preprocessing');
  }
  if (silent !== 'auto' && invoked.getOptionValueSource('differing') === 'cli') {
    throw new InvalidArgumentError('--differing: expected --silent auto beside it');
  }
}

async function amplitudeSource(options: Options): Promise<AmplitudeSource> {
  const { calibration: path } = options;
  if (path !== undefined && isCalibrationFile(path)) {
    const { parseCalibration } = await import('../../calibration/calibration.ts');
    const { readWhole } = await import('../../files.ts');
    const text = new TextDecoder().decode(await readWhole(path));
    return { kind: 'calibration', calibration: parseCalibration(text, path) };
  }
  const preprocessing = await givenPreprocessing(options);
  return path === undefined
    ? { kind: 'quantizers', preprocessing }
    : { kind: 'images', path, options: datasetOptions(options), preprocessing };
}

/** The coding's parameters as given; what is not is the preset's. */
async function codingParameters(options: Options) {
  const number = async (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseNumber(option, text);
  return {
    T: await number('--steps', options.steps),
    beta: await number('--beta', options.beta),
    Ts: await silentPeriod(options.silent),
    phi: await number('--threshold', options.threshold),
    encoder: options.encoder ?? options.input,
  };
}

/** A number of steps, or a word for how long. */
async function silentPeriod(text: string | undefined): Promise<number | 'exact' | 'auto' | undefined> {
  if (text === undefined || text === 'auto' || text === 'exact') return text;
  return parseNumber('--silent', text);
}
