import type { CommandFile } from '../command.ts';
import { answer, type JsonOption, withJsonOption } from '../output.ts';
import { type PlanOptions, planOptions, withPlanOptions } from '../plan-options.ts';

interface Options extends JsonOption, PlanOptions {}

/** `inspect`: what a file holds, and the fate of every node. */
export const inspect: CommandFile = {
  name: 'inspect',
  declare(program, io) {
    const command = program
      .command('inspect')
      .description('show what an ONNX file holds and what becomes of every node')
      .argument('<model.onnx>', 'the pretrained network');
    return withJsonOption(withPlanOptions(command)).action(async (path: string, options: Options) => {
      const { inspectModel, inspectionText } = await import('../../report/inspection.ts');
      const inspection = await inspectModel(path, planOptions(options));
      await answer(io, options, inspection, inspectionText(inspection));
      if (inspection.refusal !== null) throw inspection.error;
    });
  },
};
