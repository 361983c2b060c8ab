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

/** Ends as the signal would have, without what is half written. A command that listens to Ctrl-C itself goes on. */
const endBy = (signal: NodeJS.Signals) => {
  if (signal === 'SIGINT' && process.listenerCount(signal) > 0) return;
  discardUnfinished();
  process.kill(process.pid, signal);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => endBy(signal));

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  onInterrupt: (listener) => {
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
});
