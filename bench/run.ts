// `npm run bench`: how long the simulation takes beside the plain ANN in ONNX Runtime, one thread each, measured
// in turn in one run so that a drifting machine cancels out of the ratios. Medians of ROUNDS.
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { engineNamed } from '../src/engines/index.ts';
import { table } from '../src/report/table.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { CASES, type Case, converted, median, repeated, root } from './cases.ts';

const ROUNDS = 15;
const BATCHES = [1, 2, 3, 4, 8, 16];
const EVENT_BATCH = 4;

interface Timed {
  readonly what: string;
  readonly batch: number;
  readonly run: () => Promise<unknown>;
  readonly milliseconds: number[];
}

async function timedInTurn(jobs: readonly Timed[]): Promise<void> {
  for (const job of jobs) for (let i = 0; i < 3; i++) await job.run();
  for (let round = 0; round < ROUNDS; round++) {
    for (const job of jobs) {
      const began = performance.now();
      await job.run();
      job.milliseconds.push((performance.now() - began) / job.batch);
    }
  }
}

async function bench(entry: Case): Promise<string[][]> {
  const { name, T, batches = BATCHES } = entry;
  const { ann: file, network, images: few } = await converted(entry);
  const session = await openOriginal(file);
  const compiled = await engineNamed('dense').compile(network);
  const event = await engineNamed('event').compile(network);
  const jobs = batches.flatMap((batch): Timed[] => {
    const images = repeated(few, batch);
    const feeds = new Map([[session.inputNames[0]!, images]]);
    return [
      { what: 'ANN', batch, run: () => session.run(feeds), milliseconds: [] },
      { what: 'dense', batch, run: () => compiled.run(images), milliseconds: [] },
    ];
  });
  // Lists of spikes are walked image by image: the batch does not matter.
  const several = repeated(few, EVENT_BATCH);
  jobs.push({ what: 'event', batch: EVENT_BATCH, run: () => event.run(several), milliseconds: [] });
  await timedInTurn(jobs);
  await session.release();
  await compiled.release();
  await event.release();
  const best = (what: string) =>
    jobs
      .filter((job) => job.what === what)
      .reduce((a, b) => (median(a.milliseconds) <= median(b.milliseconds) ? a : b));
  const ann = best('ANN');
  const row = (job: Timed) => [
    name,
    job.what,
    String(job.batch),
    median(job.milliseconds).toFixed(3),
    job.what === 'ANN' ? '-' : (median(job.milliseconds) / (T * median(ann.milliseconds))).toFixed(2),
  ];
  const dense = best('dense');
  const rows = jobs.map(row);
  rows.push([name, 'dense, best', `${ann.batch} / ${dense.batch}`, row(dense)[3]!, row(dense)[4]!]);
  return rows;
}

const rows: string[][] = [];
for (const entry of CASES) {
  if (existsSync(`${root}${entry.model}`)) rows.push(...(await bench(entry)));
  else console.log(`${entry.name}: skipped, ${entry.model} is absent`);
}
console.log(`${cpus()[0]!.model}, Node ${process.version}, one thread, medians of ${ROUNDS} rounds in turn`);
console.log('"to T x ANN": time of the SNN over T times that of the ANN at its own best batch\n');
console.log(table(['network', 'what', 'batch', 'ms per image', 'to T x ANN'], rows));
