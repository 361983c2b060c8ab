import type { CommandFile } from '../command.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';
import { signalFile } from '../signal-options.ts';

interface Options extends JsonOption {
  readonly encoding: string;
  readonly output: string;
}

/** `decode`: the signal that a file of spikes stands for. */
export const decode: CommandFile = {
  name: 'decode',
  declare(program, io) {
    const command = program
      .command('decode')
      .description('decode a file of spikes that encode wrote back into a signal')
      .argument('<spikes>', 'spikes (.npz, .npy, .csv)')
      .requiredOption('--encoding <file>', 'what encode --json wrote beside them', fileEndingIn('.json'))
      .requiredOption('-o, --output <file>', 'the decoded signal (.csv, .npy)', signalFile);
    return withJsonOption(command).action(async (path: string, options: Options) => {
      const { encoding, output } = options;
      const { expectWritable, readWhole, writeWhole } = await import('../../files.ts');
      const { decodeSignal } = await import('../../signals/encoding.ts');
      const { parseEncodingRecord } = await import('../../signals/encoding-record.ts');
      const { writeSignal } = await import('../../signals/signal-file.ts');
      const { readSpikes } = await import('../../signals/spike-file.ts');
      const { plural } = await import('../../report/table.ts');
      await expectWritable(output);
      const settings = parseEncodingRecord(await readWhole(encoding), encoding);
      const decoded = decodeSignal(await readSpikes(path, settings));
      await writeWhole(output, writeSignal(decoded, output.toLowerCase().endsWith('.csv') ? 'csv' : 'npy'));
      const { features, time } = decoded;
      const result = {
        file: output,
        method: settings.encoder.name,
        features: features.map(({ name }) => name),
        time,
      };
      const text = `wrote ${output}: ${plural(features.length, 'feature')}, ${plural(time, 'sample')}`;
      await answer(io, options, result, text);
    });
  },
};
