// Many settings of one model on the same images: calibrated once, the ANN run once, a network for each setting; every row
// goes into the journal as soon as it is there.
import { z } from 'zod';
import type { Calibration } from '../calibration/calibration.ts';
import { calibrateFrom } from '../conversion-job.ts';
import { checkLabels } from '../data/dataset.ts';
import { scoredReadout } from '../metrics/accuracy.ts';
import { rateImages } from '../metrics/spike-rates.ts';
import { convertModel, firstImages } from '../pipeline.ts';
import { plural } from '../report/table.ts';
import type { Network } from '../snn/network/network.ts';
import { allowedBytes, datasetBytes, workerBytes, workersFor } from '../workers/memory.ts';
import { type NetworkRunner, openNetworkRunner } from '../workers/network-pool.ts';
import { networkShards } from '../workers/network-run.ts';
import { recordOriginal } from '../workers/original.ts';
import { isStopped, type StopFlag, stop, stopFlag } from '../workers/runner.ts';
import type { Bench } from './bench.ts';
import { type JobSetting, jobKeys } from './job-key.ts';
import { noJournal, openJournal } from './journal.ts';
import { figuresOf, type MeasuredRow, rowSchema } from './rows.ts';
import { changedLayers } from './variants.ts';

export interface MeasuredSettings {
  /** In the order of the settings; null where the work was ended before. */
  readonly rows: readonly (MeasuredRow | null)[];
  /** How many of them the journal had. */
  readonly before: number;
}

const timingSchema = z.object({ key: z.string(), seconds: z.number() });

/**
 * Measures every setting that the journal does not have. Rows depend on nothing but what their keys are made of: not on the
 * number of workers, nor on which of them were measured before.
 * @throws Ann2SnnError where a network cannot be made or run, or the journal cannot be read or written
 */
export async function measureSettings(
  bench: Bench,
  settings: readonly JobSetting[],
): Promise<MeasuredSettings> {
  const { options } = bench;
  const keyOf = jobKeys(bench);
  const jobs = settings.map((setting) => ({ setting, key: keyOf(setting) }));
  const journal =
    options.journal === undefined ? noJournal<MeasuredRow>() : await openJournal(options.journal, rowSchema);
  try {
    const rows = new Map(journal.lines.map((row) => [row.key, row]));
    const missing = jobs.filter(({ key }) => !rows.has(key));
    const timings =
      options.timings === undefined || missing.length === 0
        ? noJournal<z.infer<typeof timingSchema>>()
        : await openJournal(options.timings, timingSchema);
    try {
      await measureAll(bench, missing, async (row, seconds) => {
        await journal.append(row);
        rows.set(row.key, row);
        await timings.append({ key: row.key, seconds });
      });
    } finally {
      await timings.close();
    }
    return { rows: jobs.map(({ key }) => rows.get(key) ?? null), before: jobs.length - missing.length };
  } finally {
    await journal.close();
  }
}

interface Job {
  readonly setting: JobSetting;
  readonly key: string;
}

type OnRow = (row: MeasuredRow, seconds: number) => Promise<void>;

async function measureAll(bench: Bench, jobs: readonly Job[], onRow: OnRow): Promise<void> {
  const { signal } = bench.options;
  const flag = stopFlag();
  const onAbort = () => stop(flag);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (jobs.length > 0 && !isStopped(flag)) await measureJobs(bench, jobs, flag, onRow);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function measureJobs(bench: Bench, jobs: readonly Job[], flag: StopFlag, onRow: OnRow): Promise<void> {
  const { model, source, dataset, preprocessing, options } = bench;
  const { progress = () => () => {}, data } = options;
  const percentiles = [...new Set(jobs.map(({ setting }) => setting.percentile))];
  const calibration = await calibrateFrom(model, source, percentiles, progress('calibrating'));
  // The costliest first: threads then end together.
  const queue = [...jobs].sort((a, b) => b.setting.coding.T - a.setting.coding.T);
  const largest = networkOf(bench, calibration, queue[0]!.setting);
  const scores = scoredReadout(largest);
  if (scores !== null) checkLabels(dataset, scores.classes);
  const recording = progress('running the ANN');
  const original = await recordOriginal(largest, model.file, dataset, preprocessing, (done) => {
    recording(done, dataset.count);
    return !isStopped(flag);
  });
  recording(dataset.count, dataset.count);
  if (original === null) return;
  const rated =
    source.kind === 'images'
      ? await firstImages(model, source.dataset, preprocessing, Math.max(1, rateImages(largest)))
      : null;
  const total = jobs.length * dataset.count;
  const sweeping = progress(`measuring ${plural(jobs.length, 'network')}`);
  sweeping(0, total);
  let done = 0;
  const runner = await openNetworkRunner(
    { dataset, engine: options.engine, original, rateImages: rated },
    {
      workers: workersOf(bench, largest, jobs.length),
      dataOptions: data.options ?? {},
      flag,
      measured: (images) => {
        done += images;
        if (done < total) sweeping(done, total);
      },
    },
  );
  try {
    await runAll(runner, queue, (setting) => networkOf(bench, calibration, setting), flag, onRow);
  } finally {
    await runner.close();
    sweeping(total, total);
  }
}

/** Every thread takes the next job when it has done its own. */
async function runAll(
  runner: NetworkRunner,
  jobs: readonly Job[],
  build: (setting: JobSetting) => Network,
  flag: StopFlag,
  onRow: OnRow,
): Promise<void> {
  let next = 0;
  const work = async () => {
    try {
      while (next < jobs.length && !isStopped(flag)) {
        const { setting, key } = jobs[next++]!;
        const began = performance.now();
        const measured = await runner.run(build(setting));
        if (measured === null) return;
        await onRow({ key, figures: figuresOf(setting, measured) }, (performance.now() - began) / 1000);
      }
    } catch (error) {
      // The others end after the batches that they are at.
      stop(flag);
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: runner.workers }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

function networkOf(
  { model }: Bench,
  calibration: Calibration,
  { coding, percentile, change }: JobSetting,
): Network {
  const network = convertModel(model, calibration, coding, { percentile });
  if (change === undefined) return network;
  return convertModel(model, calibration, coding, { percentile, layers: changedLayers(network, change) });
}

function workersOf({ dataset, options }: Bench, network: Network, jobs: number): number {
  const { engine, workers = 1 } = options;
  const subject = { network, dataset, engine, ann: undefined };
  return workersFor(
    workers,
    jobs,
    workerBytes(subject, networkShards(network, { dataset, engine }), datasetBytes(dataset)),
    allowedBytes(),
  );
}
