// How commands answer: text for people, or JSON with --json, on stdout or into a file.
import { type Command, InvalidArgumentError } from 'commander';
import { expectWritable, writeWhole } from '../files.ts';
import type { CommandIo } from './io.ts';

export interface JsonOption {
  readonly json?: string | true;
}

export function withJsonOption(command: Command): Command {
  return command
    .option('--json [file]', 'answer as JSON, on stdout or into a .json file', fileEndingIn('.json'))
    .hook('preAction', async (_, invoked) => {
      const { json } = invoked.opts<JsonOption>();
      if (typeof json === 'string') await expectWritable(json);
    });
}

/**
 * Parser of an option that names an output file. The ending keeps an answer from writing over a model, a picture or
 * whatever else follows the option.
 */
export function fileEndingIn(ending: string): (path: string) => string {
  return (path) => {
    if (path.toLowerCase().endsWith(ending)) return path;
    throw new InvalidArgumentError(`expected a file whose name ends in ${ending}, found "${path}"`);
  };
}

/**
 * Prints the answer as text, and as JSON where it was asked for; JSON on stdout replaces the text. The text comes
 * first, so that a file that cannot be written does not take a long job's result with it.
 */
export async function answer(
  io: CommandIo,
  options: JsonOption,
  result: unknown,
  text: string,
): Promise<void> {
  const json = `${JSON.stringify(result, null, 2)}\n`;
  if (options.json === true) return io.out(json);
  io.out(`${text}\n`);
  if (options.json !== undefined) await writeWhole(options.json, json);
}
