import type { CommandFile } from '../command.ts';
import {
  type DataOptions,
  datasetOptions,
  givenPreprocessing,
  type NormalisationOptions,
  withDataOptions,
  withNormalisationOptions,
} from '../data-options.ts';
import { parsePercentile } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, NormalisationOptions, PlanOptions, JsonOption {
  readonly data: string;
  readonly output: string;
  readonly percentile?: string;
}

/** `calibrate`: measure the activations that spikes will carry. */
export const calibrate: CommandFile = {
  name: 'calibrate',
  declare(program, io) {
    const command = program
      .command('calibrate')
      .description('measure, over a data set, every activation that spikes will carry')
      .argument('<model.onnx>', 'the pretrained network')
      .requiredOption(
        '--data <path>',
        'calibration images (.npz, .npy, IDX, CIFAR binary, folder of class folders)',
      )
      .requiredOption('-o, --output <file>', 'calibration file to write (.json)', fileEndingIn('.json'))
      .option(
        '--percentile <p>',
        'a further percentile of |activation| to store, for `convert --percentile`',
      );
    return withJsonOption(withNormalisationOptions(withDataOptions(withPlanOptions(command)))).action(
      async (path: string, options: Options) => {
        const pipeline = await import('../../pipeline.ts');
        const { openDatasetFor } = await import('../../data/dataset.ts');
        const { plannedInputs } = await import('../../snn/plan/planned.ts');
        const { scaleIsAssumed, watchPixels } = await import('../../data/largest-pixel.ts');
        const { inputLineWithRemark, scaleNote } = await import('../../report/input-line.ts');
        const { plural } = await import('../../report/table.ts');
        const { expectWritable, writeWhole } = await import('../../files.ts');
        const percentiles =
          options.percentile === undefined ? [] : [await parsePercentile('--percentile', options.percentile)];
        await expectWritable(options.output);
        const model = await pipeline.prepare(path, planOptions(options));
        const given = await givenPreprocessing(options);
        const { dataset, largest } = watchPixels(
          await openDatasetFor(plannedInputs(model.plan), options.data, datasetOptions(options)),
        );
        const preprocessing = pipeline.preprocessingFor(dataset, given);
        await pipeline.verify(model, dataset, preprocessing);
        const calibration = await pipeline.calibrate(model, dataset, preprocessing, {
          percentiles,
          progress: progressLine(io, 'calibrating'),
        });
        await writeWhole(options.output, `${JSON.stringify(calibration, null, 2)}\n`);
        const layers = Object.keys(calibration.layers).length;
        await answer(
          io,
          options,
          calibration,
          [
            `${options.output}: ${plural(layers, 'layer')} measured on ${plural(dataset.count, 'image')}`,
            `input: ${inputLineWithRemark(preprocessing)}`,
            ...scaleNote(scaleIsAssumed(dataset, given) ? largest() : null, preprocessing),
          ].join('\n'),
        );
      },
    );
  },
};
