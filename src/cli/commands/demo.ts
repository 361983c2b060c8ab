import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { CommandFile } from '../command.ts';
import type { CommandIo } from '../io.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { progressLine } from '../progress-line.ts';
import { typedCommand } from '../typed-command.ts';

const MODEL = embedded('models/digits.onnx');
const CALIBRATION = embedded('calibration/digits-calibration.npz');
const TEST = embedded('calibration/digits-test.npz');
/** Pixels of the digits run from 0 to 16. */
const DIGITS_SCALE = 16;

interface Options extends JsonOption {
  readonly page?: string;
}

/** `demo`: the whole job on the embedded model. */
export const demo: CommandFile = {
  name: 'demo',
  declare(program, io) {
    const command = program
      .command('demo')
      .description(
        'convert and evaluate the embedded network for handwritten digits: the whole job, nothing to bring',
      )
      .option(
        '--page <file>',
        'write the page of `report` as well (.html); its data go beside it (.json)',
        fileEndingIn('.html'),
      );
    return withJsonOption(command).action(async (options: Options, invoked: Command) => {
      const { convertFile } = await import('../../conversion-job.ts');
      const { openDataset } = await import('../../data/dataset.ts');
      const { engineNamed } = await import('../../engines/index.ts');
      const { loadOnnx } = await import('../../onnx/load.ts');
      const { evaluate } = await import('../../evaluate.ts');
      const { reportText } = await import('../../report/text.ts');
      const data = options.page === undefined ? '' : await dataFileFor(options.page);
      const { network } = await convertFile(MODEL, {
        amplitudes: { kind: 'images', path: CALIBRATION, preprocessing: { scale: DIGITS_SCALE } },
      });
      const report = await evaluate(network, await openDataset(TEST), {
        engine: engineNamed('auto'),
        ann: await loadOnnx(MODEL),
        progress: progressLine(io, 'evaluating'),
      });
      const written = options.page === undefined ? [] : await writePage(io, options.page, data, invoked);
      const text = `UCI handwritten digits, models/digits.onnx\n\n${reportText(report)}`;
      await answer(io, options, report, [text, ...written].join('\n\n'));
    });
  },
};

/** The file of the page's data, asked for before the work. */
async function dataFileFor(page: string): Promise<string> {
  const { expectWritable } = await import('../../files.ts');
  const { dataFileOf } = await import('../page-file.ts');
  await expectWritable(page);
  return dataFileOf(page, '--page');
}

/** What `report` would write. @returns what to say of it */
async function writePage(io: CommandIo, path: string, data: string, invoked: Command): Promise<string[]> {
  const { openDataset } = await import('../../data/dataset.ts');
  const { engineNamed } = await import('../../engines/index.ts');
  const { writeWhole } = await import('../../files.ts');
  const { measurePage } = await import('../../report-job.ts');
  const { subjectOf } = await import('../../report-subject.ts');
  const { pageHtml } = await import('../../report/html/page.ts');
  const progress = (stage: string) => progressLine(io, stage);
  const subject = await subjectOf(MODEL, {
    ...{ images: { path: CALIBRATION, preprocessing: { scale: DIGITS_SCALE } }, progress },
  });
  const page = await measurePage(subject, await openDataset(TEST), {
    ...{ command: typedCommand(invoked), engine: engineNamed('auto'), progress },
  });
  await writeWhole(path, pageHtml(page));
  await writeWhole(data, `${JSON.stringify(page, null, 1)}\n`);
  return [`${path}, ${data}: open the first in a browser`];
}

/** A file that comes with the package: two folders above this one's, in src as in dist. */
function embedded(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}
