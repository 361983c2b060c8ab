// The command line as it was typed, for results that say how to get them again.
import type { Command } from 'commander';

/** `ann2snn report model.onnx ...`, with what a shell would take apart in quotes. */
export function typedCommand(invoked: Command): string {
  const program = invoked.parent!;
  return [program.name(), ...program.args].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w./:=,+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
