#!/usr/bin/env node
// The executable: hands the process's arguments and streams to run.ts.
import { discardUnfinished } from '../files.ts';
import { runCli } from './run.ts';

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads, such as `head`, may stop early: no error of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/**
 * Ends as the signal would have, without what is half written. A command that listens to Ctrl-C itself goes on. Listening ends
 * last: until then a second signal must not end the process by itself.
 */
function endBy(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && process.listenerCount(signal) > 1) return;
  discardUnfinished();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endBy);

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
});
