import { type Command, Option } from 'commander';
import { codings } from '../../snn/network/coding.ts';
import type { CommandFile } from '../command.ts';
import { interrupted, interruptible } from '../interruption.ts';
import { type ManyOptions, manyOptions, tellResumed, withManyOptions } from '../measure-options.ts';
import { parseCount, parseNumber, parsePercentile } from '../numbers.ts';
import { answer, withJsonOption } from '../output.ts';

interface Options extends ManyOptions {
  readonly coding?: string;
  readonly steps?: string;
  readonly beta?: string;
  readonly silent?: string;
  readonly threshold?: string;
  readonly percentile: string;
  readonly longest: number;
}

/** `ablate`: the papers' ablations on the user's network. */
export const ablate: CommandFile = {
  name: 'ablate',
  declare(program, io) {
    const command = program
      .command('ablate')
      .description(
        "the papers' ablations on your network: threshold at theta, no silent period, longer ones, no negative spikes",
      )
      .argument('<model.onnx>', 'the pretrained network')
      .addOption(
        new Option('--coding <name>', 'preset (default: css; sws for a quantized model)').choices(
          codings.map(({ name }) => name),
        ),
      )
      .option('--steps <T>', 'coding steps')
      .option('--beta <factor>', 'amplification per step')
      .option('--silent <Ts>', 'silent period in steps')
      .option('--threshold <phi>', 'firing threshold as a fraction of theta, such as 0.5 or 2/3')
      .option('--percentile <p>', 'percentile of |activation| that the code just reaches', '99.99')
      .addOption(
        new Option('--longest <Ts>', 'longest silent period to try').argParser(parseCount).default(4),
      );
    return withJsonOption(withManyOptions(command)).action(
      async (path: string, options: Options, invoked: Command) => {
        const { runAblation } = await import('../../sweep/ablation.ts');
        const { ablationText } = await import('../../sweep/ablation-text.ts');
        const { ablationCells, csvText } = await import('../../sweep/csv.ts');
        const { writeWhole } = await import('../../files.ts');
        const parameters = await parametersOf(options);
        const percentile = await parsePercentile('--percentile', options.percentile);
        const measuring = await manyOptions(io, invoked, options);
        const { coding, longest, output } = options;
        const { ablation, before } = await interruptible(io, (signal) =>
          runAblation(path, {
            ...measuring,
            ...(coding === undefined ? {} : { coding }),
            ...{ parameters, percentile, longest, signal },
          }),
        );
        tellResumed(io, before, ablation.variants);
        if (output !== undefined) await writeWhole(output, csvText(ablation.rows.map(ablationCells)));
        await answer(io, options, ablation, ablationText(ablation));
        if (ablation.measured < ablation.variants) throw interrupted();
      },
    );
  },
};

async function parametersOf({ steps, beta, silent, threshold }: Options) {
  const number = async (option: string, text: string | undefined) =>
    text === undefined ? undefined : parseNumber(option, text);
  return {
    T: await number('--steps', steps),
    beta: await number('--beta', beta),
    Ts: await number('--silent', silent),
    phi: await number('--threshold', threshold),
  };
}
