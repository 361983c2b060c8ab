import { type Command, Option } from 'commander';
import { type EncoderName, encoders } from '../../encoders/index.ts';
import { codings } from '../../snn/coding.ts';
import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  type NormalisationOptions,
  openData,
  preprocessingOf,
  refuseDataOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { parseNumber, parsePercentile } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, JsonOption {
  readonly calibration: string;
  readonly output: string;
  readonly coding: string;
  readonly steps?: string;
  readonly beta?: string;
  readonly silent?: string;
  readonly threshold?: string;
  readonly percentile: string;
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
      .requiredOption(
        '--calibration <path>',
        'calibration images, or a calibration file (.json) of `calibrate`',
      )
      .requiredOption('-o, --output <file>', 'network to write (.snn)', fileEndingIn('.snn'))
      .addOption(
        new Option(
          '--coding <name>',
          "preset: css is the paper's (T 12, beta 1.5, Ts 1, phi 1/2); canonical (T 8, beta 2, Ts 2, phi 2/3) spends about half the spikes",
        )
          .choices(codings.map((coding) => coding.name))
          .default('css'),
      )
      .option('--steps <T>', 'coding time steps')
      .option('--beta <number>', 'amplification factor per step, above 1 and at most 2')
      .option('--silent <Ts>', 'silent period in steps')
      .option('--threshold <phi>', 'firing threshold as a fraction of theta, such as 0.5 or 2/3')
      .option('--percentile <p>', 'percentile of |activation| that the code just reaches', '99.99')
      .addOption(
        new Option('--encoder <name>', 'input encoder').choices(encoders.map((encoder) => encoder.name)),
      );
    return withJsonOption(withNormalisationOptions(withDataOptions(command))).action(
      async (path: string, options: Options, invoked: Command) => {
        const pipeline = await import('../../pipeline.ts');
        const { codingOf } = await import('../../snn/coding.ts');
        const { saveNetwork } = await import('../../snn/network-store.ts');
        const { expectWritable, readWhole } = await import('../../files.ts');
        const { conversionSummary, conversionText } = await import('../../report/conversion.ts');
        const { parseCalibration } = await import('../../calibration/calibration.ts');
        const fromFile = options.calibration.endsWith('.json');
        if (fromFile) refuseDataOptions(invoked, 'a calibration file, which has its own preprocessing');
        const number = async (option: string, text: string | undefined) =>
          text === undefined ? undefined : parseNumber(option, text);
        const given = {
          T: await number('--steps', options.steps),
          beta: await number('--beta', options.beta),
          Ts: await number('--silent', options.silent),
          phi: await number('--threshold', options.threshold),
          encoder: options.encoder,
        };
        const coding = codingOf(options.coding, given);
        const percentile = await parsePercentile('--percentile', options.percentile);
        await expectWritable(options.output);
        const model = await pipeline.prepare(path);
        const measured = async () => {
          const dataset = await openData(options.calibration, options);
          const preprocessing = await preprocessingOf(dataset, options);
          await pipeline.verify(model, dataset, preprocessing);
          return pipeline.calibrate(model, dataset, preprocessing, {
            percentiles: [percentile],
            progress: progressLine(io, 'calibrating'),
          });
        };
        const stored = async () => {
          const text = new TextDecoder().decode(await readWhole(options.calibration));
          const calibration = parseCalibration(text, options.calibration);
          await pipeline.verifyOnNoise(model, calibration);
          return calibration;
        };
        const calibration = fromFile ? await stored() : await measured();
        const network = pipeline.convertModel(model, calibration, coding, { percentile });
        await saveNetwork(options.output, network);
        const summary = conversionSummary(network, options.output);
        await answer(io, options, summary, conversionText(summary));
      },
    );
  },
};
