import type { CommandFile } from '../command.ts';
import { engineOption } from '../engine-option.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';

interface Options extends JsonOption {
  readonly engine: string;
}

/** `predict`: classify pictures. */
export const predict: CommandFile = {
  name: 'predict',
  declare(program, io) {
    const command = program
      .command('predict')
      .description('classify pictures and show the answer at every readout step')
      .argument('<net.snn>', 'the converted network')
      .argument('<image...>', 'pictures (JPEG, PNG, WebP)')
      .addOption(engineOption());
    return withJsonOption(command).action(async (path: string, images: string[], options: Options) => {
      const { loadNetwork } = await import('../../snn/network/network-store.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { readImages } = await import('../../data/images.ts');
      const { predict: run } = await import('../../predict.ts');
      const { predictionText } = await import('../../report/prediction.ts');
      const network = await loadNetwork(path);
      const predictions = await run(network, engineNamed(options.engine), await readImages(images), images);
      await answer(io, options, predictions, predictions.map(predictionText).join('\n\n'));
    });
  },
};
