// One line on stderr that is redrawn while a job runs, with the time left. Only on a terminal.
import type { Progress } from '../progress.ts';
import type { CommandIo } from './io.ts';

const BAR = 24;
const REDRAW_MS = 100;
/** Reports that a rate is measured over before the time left is told. */
const SETTLED = 3;

/**
 * A progress callback that draws `label`, a bar, count and share, the time taken and the time left; the line is cleared at
 * the end. The time left follows from the rate since the first report, which what goes before the work does not slow down.
 */
export function progressLine(io: CommandIo, label: string): Progress {
  if (!io.interactive) return () => {};
  const began = performance.now();
  let first: { readonly at: number; readonly done: number } | null = null;
  let reports = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const now = performance.now();
    if (done >= total) {
      io.err('\r\x1b[K');
      return;
    }
    if (done === 0) {
      io.err(`\r\x1b[K${label} ...`);
      return;
    }
    first ??= { at: now, done };
    reports++;
    if (now - drawn < REDRAW_MS) return;
    drawn = now;
    const bar = '='.repeat(Math.round((BAR * done) / total)).padEnd(BAR);
    const left =
      reports < SETTLED || done === first.done
        ? ''
        : `, ${duration(((now - first.at) / (done - first.done)) * (total - done))} left`;
    const share = Math.floor((100 * done) / total);
    io.err(`\r\x1b[K${label} [${bar}] ${done}/${total}, ${share} %, ${duration(now - began)}${left}`);
  };
}

/** "45 s", "3 min 20 s" or "2 h 5 min". */
function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
