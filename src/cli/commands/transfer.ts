import { Option } from 'commander';
import {
  DISCRETISATIONS,
  type Discretisation,
  RESETS,
  type Reset,
} from '../../nir/simulation/neuron-model.ts';
import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { parseCount, parseNumber } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, JsonOption {
  readonly calibration: string;
  readonly data: string;
  readonly output: string;
  readonly steps?: number;
  readonly dt?: string;
  readonly discretisation?: Discretisation;
  readonly reset?: Reset;
}

/** `transfer`: a direct-coded spiking network, as NIR, to one that runs on events. */
export const transfer: CommandFile = {
  name: 'transfer',
  declare(program, io) {
    const command = program
      .command('transfer')
      .description(
        'make a spiking network that was trained on analog input (direct coding) run on events alone',
      )
      .argument('<net.nir>', 'the trained network, a NIR graph')
      .requiredOption('--calibration <path>', 'images that thresholds and biases are set on')
      .requiredOption('--data <path>', 'test images, with labels for an accuracy')
      .requiredOption('-o, --output <file>', 'network to write (.nir)', fileEndingIn('.nir'))
      .option('--steps <T>', "steps that an image is shown (default: the file's metadata)", parseCount)
      .option('--dt <time>', "length of a step in the unit of tau (default: the file's metadata, or 1e-4)")
      .addOption(
        new Option(
          '--discretisation <rule>',
          "how leaky neurons are stepped (default: the file's metadata, or euler)",
        ).choices(DISCRETISATIONS),
      )
      .addOption(
        new Option(
          '--reset <kind>',
          "zero: to v_reset, as NIR has it; subtract: by the threshold (default: the file's metadata, or zero)",
        ).choices(RESETS),
      );
    return withJsonOption(withNormalisationOptions(withDataOptions(command, 'images of every set'))).action(
      async (path: string, options: Options) => {
        const { transferFile } = await import('../../transfer-job.ts');
        const { writeNir } = await import('../../nir/write-nir.ts');
        const { expectWritable, writeWhole } = await import('../../files.ts');
        const { transferSummary, transferText } = await import('../../report/transfer.ts');
        const { calibration, data, output, steps, discretisation, reset } = options;
        const dt = options.dt === undefined ? undefined : await parseNumber('--dt', options.dt);
        await expectWritable(output);
        const { labels, classes, ...both } = datasetOptions(options);
        const labelled = {
          ...(labels === undefined ? {} : { labels }),
          ...(classes === undefined ? {} : { classes }),
        };
        const result = await transferFile(path, {
          calibration: { path: calibration, options: both },
          data: { path: data, options: { ...both, ...labelled } },
          preprocessing: await givenPreprocessing(options),
          presentation: { steps, dt, discretisation, reset },
          progress: progressLine(io, 'transferring'),
        });
        await writeWhole(output, await writeNir(result.graph));
        const summary = transferSummary({ network: path, output }, result);
        await answer(io, options, summary, transferText(summary));
      },
    );
  },
};
