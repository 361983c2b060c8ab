// Ctrl-C in a command that has something to report when it ends early.
import { CommanderError } from 'commander';
import type { CommandIo } from './io.ts';

/** Code of the error by which a command that was interrupted ends, once it has said what there is to say. */
export const INTERRUPTED = 'interrupted';

/** What a shell gives for a process that SIGINT ended: 128 + 2. */
const EXIT_CODE = 130;

export function interrupted(): CommanderError {
  return new CommanderError(EXIT_CODE, INTERRUPTED, 'interrupted');
}

/** Does work that the first Ctrl-C asks to end early, by its signal. A second one ends the process. */
export async function interruptible<R>(
  { onInterrupt }: CommandIo,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const controller = new AbortController();
  const forget = onInterrupt?.(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    forget?.();
  }
}
