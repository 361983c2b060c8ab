import type { CommandFile } from '../command.ts';
import { type DataOptions, openData, withDataOptions } from '../data-options.ts';
import { engineOption } from '../engine-option.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';

interface Options extends DataOptions, JsonOption {
  readonly data: string;
  readonly ann?: string;
  readonly engine: string;
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
      .addOption(engineOption());
    return withJsonOption(withDataOptions(command)).action(async (path: string, options: Options) => {
      const { loadNetwork } = await import('../../snn/network/network-store.ts');
      const { inputEncoders } = await import('../../snn/network/network.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { loadOnnx } = await import('../../onnx/load.ts');
      const { evaluate: run } = await import('../../evaluate.ts');
      const { reportText } = await import('../../report/text.ts');
      const network = await loadNetwork(path);
      const dataset = await openData(options.data, options, inputEncoders(network));
      const report = await run(network, dataset, {
        engine: engineNamed(options.engine),
        progress: progressLine(io, 'evaluating'),
        ...(options.ann === undefined ? {} : { ann: await loadOnnx(options.ann) }),
      });
      await answer(io, options, report, reportText(report));
    });
  },
};
