import { InvalidArgumentError, Option } from 'commander';
import type { Exporter, ExportOptions } from '../../export/exporter.ts';
import { exporterNamed, exporters } from '../../export/index.ts';
import type { CommandFile } from '../command.ts';
import { answer, fileEndingIn, type JsonOption, withJsonOption } from '../output.ts';

interface Options extends JsonOption {
  readonly format: string;
  readonly output?: string;
  readonly outputs?: string;
  readonly unroll?: true;
}

/** `export`: a network in a format that other tools read. */
export const exportNetwork: CommandFile = {
  name: 'export',
  declare(program, io) {
    const command = program
      .command('export')
      .description('write a converted network in a format that other tools read')
      .argument('<net.snn>', 'the converted network')
      .addOption(
        new Option('--format <name>', exporters.map(({ name, summary }) => `${name}: ${summary}`).join('; '))
          .choices(exporters.map(({ name }) => name))
          .makeOptionMandatory(),
      )
      .option('-o, --output <file>', 'where to; unless given, beside the network, where no file is yet')
      .option(
        '--outputs <names>',
        'onnx: what the model puts out, of logits (default), steps, counts and spikes, with commas between them',
      )
      .option(
        '--unroll',
        'onnx: every time step written out, for runtimes that have no Scan or no functions',
      );
    return withJsonOption(command).action(async (path: string, options: Options) => {
      const { loadNetwork } = await import('../../snn/network/network-store.ts');
      const { writeWhole } = await import('../../files.ts');
      const { exportText } = await import('../../report/export.ts');
      const exporter = exporterNamed(options.format);
      const { name, ending, fidelity } = exporter;
      const chosen = chosenOptions(options, exporter);
      const output = await placeOf(path, options.output, ending);
      const network = await loadNetwork(path);
      const bytes = await exporter.write(network, chosen);
      await writeWhole(output, bytes);
      const notes = exporter.notes?.(network) ?? [];
      const summary = { network: path, output, format: name, bytes: bytes.length, fidelity, notes };
      await answer(io, options, summary, exportText(summary));
    });
  },
};

/** What was asked for, of what the format has a choice of. */
function chosenOptions({ outputs, unroll, format }: Options, exporter: Exporter): ExportOptions {
  if (unroll && !exporter.unrolls) throw new InvalidArgumentError(`--unroll: expected none of ${format}`);
  const chosen = unroll ? { unroll } : {};
  if (outputs === undefined) return chosen;
  if (exporter.outputs === undefined) throw new InvalidArgumentError(`--outputs: expected none of ${format}`);
  const names = outputs.split(',');
  for (const name of names) {
    if (exporter.outputs.includes(name)) continue;
    const known = exporter.outputs.join(', ');
    throw new InvalidArgumentError(`--outputs: expected names among ${known}, found "${name}"`);
  }
  return { ...chosen, outputs: names };
}

/**
 * Where the file goes. A name that the user did not choose must be free: the ANN or a data set may have it.
 * @throws Ann2SnnError `file-not-writable`
 */
async function placeOf(network: string, given: string | undefined, ending: string): Promise<string> {
  const { expectFree, expectWritable } = await import('../../files.ts');
  const { parse, join, resolve } = await import('node:path');
  if (given === undefined) {
    const { dir, name } = parse(network);
    const beside = join(dir, `${name}${ending}`);
    await expectFree(beside, 'another name can be given with --output');
    return beside;
  }
  fileEndingIn(ending)(given);
  if (resolve(given) === resolve(network)) {
    throw new InvalidArgumentError(`--output: expected another file than the network, found "${given}"`);
  }
  await expectWritable(given);
  return given;
}
