import { fileURLToPath } from 'node:url';
import type { CommandFile } from '../command.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';

/** Pixels of the digits run from 0 to 16. */
const DIGITS_SCALE = 16;

/** `demo`: the whole job on the embedded model. */
export const demo: CommandFile = {
  name: 'demo',
  declare(program, io) {
    const command = program
      .command('demo')
      .description(
        'convert and evaluate the embedded network for handwritten digits: the whole job, nothing to bring',
      );
    return withJsonOption(command).action(async (options: JsonOption) => {
      const { convertFile } = await import('../../conversion-job.ts');
      const { openDataset } = await import('../../data/dataset.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { loadOnnx } = await import('../../onnx/load.ts');
      const { evaluate } = await import('../../evaluate.ts');
      const { reportText } = await import('../../report/text.ts');
      const model = embedded('models/digits.onnx');
      const { network } = await convertFile(model, {
        amplitudes: {
          kind: 'images',
          path: embedded('calibration/digits-calibration.npz'),
          preprocessing: { scale: DIGITS_SCALE },
        },
      });
      const report = await evaluate(network, await openDataset(embedded('calibration/digits-test.npz')), {
        engine: engineNamed('auto'),
        ann: await loadOnnx(model),
        progress: progressLine(io, 'evaluating'),
      });
      await answer(
        io,
        options,
        report,
        `UCI handwritten digits, models/digits.onnx\n\n${reportText(report)}`,
      );
    });
  },
};

/** A file that comes with the package: two folders above this one's, in src as in dist. */
function embedded(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
