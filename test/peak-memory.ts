// What a piece of work takes in resident memory at its most, file by file. Linux keeps the high-water mark of a process and
// lets it be set back, so a mark that an earlier file left hides nothing. The collector runs before each measurement and not
// during it: garbage counts.
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a file may take beside the process as it was: 64 MB and four times its own bytes. */
export const allowedGrowth = (bytes: number) => 64 * 2 ** 20 + 4 * bytes;

/** False where there is no such mark; suites say so in their titles. */
export const peakIsKnown = process.platform === 'linux';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Runs `work` and returns the bytes by which resident memory exceeded, at most, what it was before. */
export async function peakGrowth(work: () => unknown): Promise<number> {
  collect();
  writeFileSync('/proc/self/clear_refs', '5');
  const before = highWater();
  await work();
  return highWater() - before;
}

function highWater(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}
