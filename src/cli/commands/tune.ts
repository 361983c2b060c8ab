import { InvalidArgumentError, Option } from 'commander';
import { objectives } from '../../tuning/objectives.ts';
import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { engineOption } from '../engine-option.ts';
import { parseCount, parseNumber } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, PlanOptions, JsonOption {
  readonly calibration: string;
  readonly validation?: string;
  readonly data?: string;
  readonly output?: string;
  readonly maxLoss: string;
  readonly maxLatency?: number;
  readonly minimise: string;
  readonly budget: number;
  readonly engine: string;
}

/** `tune`: the cheapest network that loses no more than allowed. */
export const tune: CommandFile = {
  name: 'tune',
  declare(program, io) {
    const command = program
      .command('tune')
      .description('search for the cheapest conversion that loses no more accuracy than allowed')
      .argument('<model.onnx>', 'the pretrained network')
      .requiredOption('--calibration <path>', 'images: one half measures amplitudes, the other judges')
      .option('--validation <path>', 'images that judge instead, best such as the ANN was not trained on')
      .option('--data <path>', 'labelled test images, on which only the recommended network is reported')
      .option('-o, --output <file>', 'recommended network to write (.snn)', fileEndingIn('.snn'))
      .option('--max-loss <points>', 'accuracy that may be lost, in percentage points', '0.1')
      .option('--max-latency <steps>', 'steps that the answer may take', parseCount)
      .addOption(
        new Option(
          '--minimise <what>',
          objectives.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
        )
          .choices(objectives.map(({ name }) => name))
          .default('energy'),
      )
      .addOption(
        new Option('--budget <runs>', 'runs over the validation images; those over a part count as that part')
          .argParser(parseCount)
          .default(120),
      )
      .addOption(engineOption().default('event'));
    const reading = withDataOptions(withPlanOptions(command), 'images of every set');
    return withJsonOption(withNormalisationOptions(reading)).action(
      async (path: string, options: Options) => {
        const { tuneFile } = await import('../../tune-job.ts');
        const { saveNetwork } = await import('../../snn/network/network-store.ts');
        const { expectWritable } = await import('../../files.ts');
        const { tuningSummary, tuningText } = await import('../../report/tuning.ts');
        const maxLoss = await maxLossOf(options.maxLoss);
        const preprocessing = await givenPreprocessing(options);
        const { calibration, validation, data, output, maxLatency, minimise, budget, engine } = options;
        if (output !== undefined) await expectWritable(output);
        const source = (from: string) => ({ path: from, options: datasetOptions(options) });
        const tuned = await tuneFile(path, {
          ...planOptions(options),
          calibration: source(calibration),
          ...(validation === undefined ? {} : { validation: source(validation) }),
          ...(data === undefined ? {} : { test: source(data) }),
          ...(maxLatency === undefined ? {} : { maxLatency }),
          ...{ preprocessing, minimise, maxLoss, budget, engine },
          onStep: ({ move, what }) => {
            if (io.interactive) io.err(`\r\x1b[K${move}: ${what}\n`);
          },
          progress: (stage) => progressLine(io, stage),
        });
        if (output !== undefined) await saveNetwork(output, tuned.network);
        const summary = tuningSummary(tuned, output ?? null);
        await answer(io, options, summary, tuningText(summary));
      },
    );
  },
};

/** Percentage points as a fraction. */
async function maxLossOf(text: string): Promise<number> {
  const points = await parseNumber('--max-loss', text);
  if (points > 0 && points < 100) return points / 100;
  throw new InvalidArgumentError(`--max-loss: expected points above 0 and below 100, found "${text}"`);
}
