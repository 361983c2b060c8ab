// Runs one command line and answers with an exit code: 0 done, 1 the input cannot be used, 2 wrong usage, 70 a bug, 130
// interrupted.
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Ann2SnnError } from '../errors.ts';
import { VERSION } from '../tool.ts';
import { commands } from './commands/index.ts';
import { INTERRUPTED } from './interruption.ts';
import type { CommandIo } from './io.ts';

const USAGE = 2;
const BUG = 70;

/** @param args the arguments after the program's name */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  const program = new Command('ann2snn')
    .description('Convert pretrained ONNX CNNs into spiking networks with ternary, stepwise-weighted spikes')
    .version(VERSION)
    .option('--debug', 'show the stack of an error');
  for (const command of commands) command.declare(program, io);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err });
    command.showHelpAfterError(
      `(ann2snn ${command === program ? '' : `${command.name()} `}--help shows the options)`,
    );
  }
  try {
    if (args.length === 0) {
      io.out(program.helpInformation());
      return USAGE;
    }
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, io, program.opts<{ debug?: boolean }>().debug === true);
  }
}

function report(error: unknown, io: CommandIo, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.code === INTERRUPTED) return error.exitCode;
    // Commander prints what it refuses itself; a value that a command refuses reaches only us.
    if (error instanceof InvalidArgumentError) io.err(`error: ${error.message}\n`);
    return error.exitCode === 0 ? 0 : USAGE;
  }
  if (debug && error instanceof Error) io.err(`${error.stack}\n`);
  if (error instanceof Ann2SnnError) {
    io.err(`error [${error.code}]\n${error.message}\n`);
    return error.code === 'invalid-option' ? USAGE : 1;
  }
  const text = error instanceof Error ? error.message : String(error);
  io.err(`this is a bug in ann2snn: ${text}\nrun again with --debug before the command for the stack\n`);
  return BUG;
}
