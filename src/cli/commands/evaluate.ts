import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';
import type { CommandFile } from '../command.ts';
import { type DataOptions, datasetOptions, withDataOptions } from '../data-options.ts';
import { engineOption } from '../engine-option.ts';
import { interrupted, interruptible } from '../interruption.ts';
import { parseCount } from '../numbers.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, JsonOption {
  readonly data: string;
  readonly ann?: string;
  readonly engine: string;
  readonly enginePlan?: string;
  readonly saveEnginePlan?: string;
  readonly workers: number;
}

/** `evaluate`: accuracy, latency, operations and energy of a network on a data set. */
export const evaluate: CommandFile = {
  name: 'evaluate',
  declare(program, io) {
    const command = program
      .command('evaluate')
      .description('measure accuracy, latency, spikes, operations and energy of a spiking network')
      .argument('<net.snn>', 'the converted network')
      .requiredOption('--data <path>', 'test images (.npz, .npy, IDX, CIFAR binary, folder of class folders)')
      .option('--ann <model.onnx>', 'the original network, to compare with')
      .addOption(engineOption())
      .option(
        '--engine-plan <file>',
        'run as this plan says, one that was saved (.json)',
        fileEndingIn('.json'),
      )
      .option(
        '--save-engine-plan <file>',
        'write what the engine auto decided (.json)',
        fileEndingIn('.json'),
      )
      .addOption(
        new Option('--workers <count>', 'threads that share the images')
          .argParser(parseCount)
          .default(availableParallelism(), 'one for each core'),
      );
    return withJsonOption(withDataOptions(command)).action(async (path: string, options: Options) => {
      const { loadNetwork } = await import('../../snn/network/network-store.ts');
      const { openDatasetFor } = await import('../../data/dataset.ts');
      const { inputEncoders } = await import('../../snn/network/network.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { loadOnnx } = await import('../../onnx/load.ts');
      const { evaluate: run } = await import('../../evaluate.ts');
      const { reportText } = await import('../../report/text.ts');
      const { loadPlan, savePlan } = await import('../../engines/auto/plan-file.ts');
      const { autoWith, decided } = await import('../../engines/auto/index.ts');
      const { expectWritable } = await import('../../files.ts');
      const { enginePlan, saveEnginePlan } = options;
      if (options.engine !== 'auto' && (enginePlan ?? saveEnginePlan) !== undefined) {
        throw new InvalidArgumentError(`expected engine plans with --engine auto, found ${options.engine}`);
      }
      const network = await loadNetwork(path);
      const asked =
        enginePlan === undefined
          ? engineNamed(options.engine)
          : autoWith(await loadPlan(enginePlan), enginePlan);
      const engine = decided(asked, network);
      if (saveEnginePlan !== undefined) {
        await expectWritable(saveEnginePlan);
        await savePlan(saveEnginePlan, engine.plan!(network));
      }
      const progress = progressLine(io, 'evaluating');
      const dataOptions = datasetOptions(options);
      const dataset = await openDatasetFor(inputEncoders(network), options.data, dataOptions);
      const ann = options.ann === undefined ? {} : { ann: await loadOnnx(options.ann) };
      const { workers } = options;
      const report = await interruptible(io, (signal) =>
        run(network, dataset, {
          ...{ engine, progress, workers, dataOptions, signal },
          ...ann,
        }),
      );
      // Clears the line of a bar that did not get to its end.
      if (report.interrupted !== null) progress(dataset.count, dataset.count);
      await answer(io, options, report, reportText(report));
      if (report.interrupted !== null) throw interrupted();
    });
  },
};
