import type { CommandFile } from '../command.ts';
import { engineOption } from '../engine-option.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';

interface Options extends JsonOption {
  readonly engine: string;
  readonly output?: string;
}

/** `predict`: classify pictures, or decode whatever the network puts out. */
export const predict: CommandFile = {
  name: 'predict',
  declare(program, io) {
    const command = program
      .command('predict')
      .description(
        'classify pictures and show the answer at every readout step; outputs that are no class scores are decoded',
      )
      .argument('<net.snn>', 'the converted network')
      .argument('<image...>', 'pictures (JPEG, PNG, WebP)')
      .option(
        '-o, --output <file>',
        'write every decoded output, one array each (.npz)',
        fileEndingIn('.npz'),
      )
      .addOption(engineOption());
    return withJsonOption(command).action(async (path: string, images: string[], options: Options) => {
      const { loadNetwork } = await import('../../snn/network/network-store.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { readImages } = await import('../../data/images.ts');
      const { decode, decodedOutputs, predictionsOf } = await import('../../predict.ts');
      const { expectWritable, writeWhole } = await import('../../files.ts');
      const { writeNpz } = await import('../../tensor/npz.ts');
      const { predictionText } = await import('../../report/prediction.ts');
      const network = await loadNetwork(path);
      const { output } = options;
      if (output !== undefined) await expectWritable(output);
      const trace = await decode(network, engineNamed(options.engine), await readImages(images));
      const predictions = predictionsOf(network, trace, images);
      if (output !== undefined) await writeWhole(output, writeNpz(decodedOutputs(network, trace)));
      await answer(io, options, predictions, predictions.map(predictionText).join('\n\n'));
    });
  },
};
