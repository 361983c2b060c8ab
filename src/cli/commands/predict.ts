import { type Command, InvalidArgumentError } from 'commander';
import type { Network } from '../../snn/network/network.ts';
import type { CommandFile } from '../command.ts';
import {
  DATA_OPTIONS,
  type DataOptions,
  datasetOptions,
  refuseDataOptions,
  withDataOptions,
} from '../data-options.ts';
import { engineOption } from '../engine-option.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';

interface Options extends DataOptions, JsonOption {
  readonly data?: string;
  readonly engine: string;
  readonly output?: string;
}

/** `predict`: classify images, or decode whatever the network puts out. */
export const predict: CommandFile = {
  name: 'predict',
  declare(program, io) {
    const command = program
      .command('predict')
      .description(
        'classify pictures, or the images of a data set, and show the answer at every readout step; outputs that are no class scores are decoded',
      )
      .argument('<net.snn>', 'the converted network')
      .argument('[image...]', 'pictures (JPEG, PNG, WebP)')
      .option(
        '--data <path>',
        'a data set in their place, such as .npz with an array for each of several inputs',
      )
      .option(
        '-o, --output <file>',
        'write every decoded output, one array each (.npz)',
        fileEndingIn('.npz'),
      )
      .addOption(engineOption());
    return withJsonOption(withDataOptions(command)).action(
      async (path: string, pictures: string[], options: Options, invoked: Command) => {
        const { loadNetwork } = await import('../../snn/network/network-store.ts');
        const { engineNamed } = await import('../../engines/index.ts');
        const { decode, decodedOutputs, predictionsOf } = await import('../../predict.ts');
        const { expectWritable, writeWhole } = await import('../../files.ts');
        const { writeNpz } = await import('../../tensor/npz.ts');
        const { predictionText } = await import('../../report/prediction.ts');
        if ((pictures.length === 0) === (options.data === undefined)) {
          throw new InvalidArgumentError('expected either pictures or --data with a data set');
        }
        if (options.data === undefined) refuseDataOptions(invoked, 'pictures', DATA_OPTIONS);
        const network = await loadNetwork(path);
        const { output } = options;
        if (output !== undefined) await expectWritable(output);
        const { images, names } = await imagesOf(network, pictures, options);
        const decoded = await decode(network, engineNamed(options.engine), images);
        const predictions = predictionsOf(network, decoded, names);
        if (output !== undefined) await writeWhole(output, writeNpz(decodedOutputs(network, decoded)));
        await answer(io, options, predictions, predictions.map(predictionText).join('\n\n'));
      },
    );
  },
};

/** The images with a name for each: the picture's path, or its index in the data set. */
async function imagesOf(network: Network, pictures: readonly string[], options: Options) {
  const { data } = options;
  if (data === undefined) {
    const { refuseDatasets } = await import('../../data/dataset.ts');
    const { readImages } = await import('../../data/images.ts');
    await refuseDatasets(pictures);
    return { images: await readImages(pictures), names: pictures };
  }
  const { openDatasetFor } = await import('../../data/dataset.ts');
  const { inputEncoders } = await import('../../snn/network/network.ts');
  const images = await openDatasetFor(inputEncoders(network), data, datasetOptions(options));
  return { images, names: Array.from({ length: images.count }, (_, i) => `${data}, image ${i}`) };
}
