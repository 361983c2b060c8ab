import { type Command, InvalidArgumentError, Option } from 'commander';
import { type EncoderName, encoders } from '../../encoders/index.ts';
import type { LayerOverrides } from '../../snn/conversion/check-conversion.ts';
import { codings } from '../../snn/network/coding.ts';
import { WEIGHT_BITS } from '../../snn/plan/quantize-weights.ts';
import type { CommandFile } from '../command.ts';
import {
  DATA_OPTIONS,
  type DataOptions,
  type NormalisationOptions,
  openData,
  preprocessingOf,
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
  readonly adjust?: number;
  readonly weightBits?: string;
  readonly encoder?: EncoderName;
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
          "preset: css is its paper's (T 12, beta 1.5, Ts 1, phi 1/2); canonical (T 8, beta 2, Ts 2, phi 2/3) spends about half the spikes; sws (T = bits, beta 2, Ts 2, phi 1/2) carries the integers of quantized models (default: sws for a quantized model, css for any other)",
        ).choices(codings.map((coding) => coding.name)),
      )
      .option('--steps <T>', 'coding time steps')
      .option('--beta <number>', 'amplification factor per step, above 1 and at most 2')
      .option(
        '--silent <Ts>',
        'silent period in steps; exact: T - 1; auto: the shortest of each layer that leaves all integers as they are',
      )
      .option('--differing <fraction>', 'with --silent auto: fraction of integers that may differ', '0')
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
      );
    return withJsonOption(withNormalisationOptions(withDataOptions(withPlanOptions(command)))).action(
      async (path: string, options: Options, invoked: Command) => {
        const pipeline = await import('../../pipeline.ts');
        const { codingFor } = await import('../../snn/conversion/coding-for.ts');
        const { plannedInputs } = await import('../../snn/plan/planned.ts');
        const { saveNetwork } = await import('../../snn/network/network-store.ts');
        const { expectWritable, readWhole } = await import('../../files.ts');
        const { bitsOf } = await import('../../snn/conversion/quantized-amplitudes.ts');
        const { conversionSummary, conversionText } = await import('../../report/conversion.ts');
        const { parseCalibration } = await import('../../calibration/calibration.ts');
        const { calibration: source } = options;
        const images = source !== undefined && !source.endsWith('.json');
        const auto = options.silent === 'auto';
        if (source === undefined) refuseDataOptions(invoked, 'none', DATA_OPTIONS);
        else if (!images) refuseDataOptions(invoked, 'a calibration file, which has its own preprocessing');
        if (auto && !images) {
          throw new InvalidArgumentError(
            '--silent auto: expected calibration images to try it on (--calibration)',
          );
        }
        if (!auto && invoked.getOptionValueSource('differing') === 'cli') {
          throw new InvalidArgumentError('--differing: expected --silent auto beside it');
        }
        if (options.adjust !== undefined && !images) {
          throw new InvalidArgumentError(
            '--adjust: expected calibration images to try it on (--calibration)',
          );
        }
        const given = await codingOptions(options);
        const percentile = await parsePercentile('--percentile', options.percentile);
        const differing = await parseNumber('--differing', options.differing);
        await expectWritable(options.output);
        const weightBits = WEIGHT_BITS.find((bits) => String(bits) === options.weightBits);
        const model = await pipeline.prepare(path, {
          ...(weightBits === undefined ? {} : { weightBits }),
          ...planOptions(options),
        });
        const coding = codingFor(model.plan, options.coding, given);
        const dataset = images ? await openData(source, options, plannedInputs(model.plan)) : null;
        const calibration = await calibrated();
        const adjustment = options.adjust === undefined ? null : await adjusted(options.adjust);
        const build = (layers: ReadonlyMap<string, LayerOverrides>) =>
          pipeline.convertModel(model, calibration, coding, {
            percentile,
            layers,
            ...(adjustment && { adjusted: { scales: adjustment.scales, rounds: adjustment.rounds.length } }),
          });
        const search = auto ? await searched() : null;
        const converting = progressLine(io, 'converting');
        converting(0, 1);
        const network = build(search?.layers ?? new Map());
        await saveNetwork(options.output, network);
        converting(1, 1);
        const summary = conversionSummary(network, options.output, {
          bits: bitsOf(model.plan),
          search,
          adjustment,
        });
        await answer(io, options, summary, conversionText(summary));

        async function calibrated() {
          if (dataset !== null) {
            const preprocessing = await preprocessingOf(dataset, options);
            await pipeline.verify(model, dataset, preprocessing);
            return pipeline.calibrate(model, dataset, preprocessing, {
              percentiles: [percentile],
              progress: progressLine(io, 'calibrating'),
            });
          }
          const stored =
            source === undefined
              ? await withoutData()
              : parseCalibration(new TextDecoder().decode(await readWhole(source)), source);
          await pipeline.verifyOnNoise(model, stored);
          return stored;
        }

        async function withoutData() {
          const preprocessing = await preprocessingOf({ dtype: 'uint8' }, options);
          const calibration = pipeline.quantizersOnly(model, preprocessing);
          requireScale(options);
          return calibration;
        }

        async function adjusted(rounds: number) {
          const { adjustAmplitudes } = await import('../../tuning/adjust-amplitudes.ts');
          const { engineNamed } = await import('../../engines/index.ts');
          return adjustAmplitudes(
            (scales) =>
              pipeline.convertModel(model, calibration, coding, { percentile, adjusted: { scales, rounds } }),
            dataset!,
            {
              engine: engineNamed('dense'),
              rounds,
              adjustable: pipeline.adjustableLayers(model),
              progress: progressLine(io, 'adjusting'),
            },
          );
        }

        async function searched() {
          const { findSilentPeriods } = await import('../../tuning/silent-periods.ts');
          const { engineNamed } = await import('../../engines/index.ts');
          return findSilentPeriods(build, dataset!, {
            engine: engineNamed('dense'),
            differing,
            progress: progressLine(io, 'comparing integers'),
          });
        }
      },
    );
  },
};

/** Data would tell how its pixels are scaled; without it nothing does. */
function requireScale({ scale }: Options): void {
  if (scale !== undefined) return;
  throw new InvalidArgumentError(
    '--scale: expected the divisor of the pixels (255 for 8 bits) where there are no calibration images, found none',
  );
}

/** The coding's parameters as given; what is not is the preset's. */
async function codingOptions(options: Options) {
  const number = async (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseNumber(option, text);
  return {
    T: await number('--steps', options.steps),
    beta: await number('--beta', options.beta),
    Ts: await silentPeriod(options.silent),
    phi: await number('--threshold', options.threshold),
    encoder: options.encoder,
  };
}

/** A number of steps, `exact`, or nothing where it is to be searched for. */
async function silentPeriod(text: string | undefined): Promise<number | 'exact' | undefined> {
  if (text === undefined || text === 'auto') return undefined;
  return text === 'exact' ? 'exact' : parseNumber('--silent', text);
}
