// What a command file exports.
import type { Command } from 'commander';
import type { CommandIo } from './io.ts';

/** One sub-command: declares its arguments and options on the program. Work is imported when it runs. */
export interface CommandFile {
  readonly name: string;
  declare(program: Command, io: CommandIo): Command;
}
