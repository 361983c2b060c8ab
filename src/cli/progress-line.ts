// One line on stderr that is redrawn while a job runs, with the time left. Only on a terminal.
import type { Progress } from '../progress.ts';
import type { CommandIo } from './io.ts';

const BAR = 24;
const REDRAW_MS = 100;

/** A progress callback that draws `label`, a bar, the share done and the time left; the line is cleared at the end. */
export function progressLine(io: CommandIo, label: string): Progress {
  if (!io.interactive) return () => {};
  const began = performance.now();
  let drawn = 0;
  return (done, total) => {
    const now = performance.now();
    if (done >= total) {
      io.err('\r\x1b[K');
      return;
    }
    if (now - drawn < REDRAW_MS) return;
    drawn = now;
    const left = Math.ceil((((now - began) / done) * (total - done)) / 1000);
    const filled = Math.round((BAR * done) / total);
    const bar = '='.repeat(filled).padEnd(BAR);
    io.err(`\r\x1b[K${label} [${bar}] ${done}/${total}, ${left} s left`);
  };
}
