// What a piece of work takes in resident memory at its most, file by file. Linux keeps the high-water mark of a process and
// lets it be set back, so a mark that an earlier file left hides nothing. The collector runs every few files and not during a
// measurement: garbage counts.
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a file may take beside the process as it was: 64 MB and four times its own bytes. */
export const allowedGrowth = (bytes: number) => 64 * 2 ** 20 + 4 * bytes;

/** False where there is no such mark; suites say so in their titles. */
export const peakIsKnown = process.platform === 'linux';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Files between two runs of the collector, which takes longer than most files. */
const GROUP = 25;

let files = 0;
let before = 0;

/**
 * Runs `work` and returns the bytes by which resident memory exceeded, at most, what it was when the collector last ran: at
 * most that of this file and the few before it.
 */
export async function peakGrowth(work: () => unknown, alone = false): Promise<number> {
  if (alone || files % GROUP === 0) {
    collect();
    writeFileSync('/proc/self/clear_refs', '5');
    before = highWater();
  }
  files = alone ? 0 : files + 1;
  await work();
  return highWater() - before;
}

function highWater(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
}
