// Shards on worker threads, by piscina, which is loaded only where there are several.
import type { Dataset, DatasetOptions } from '../data/dataset.ts';
import { auto } from '../engines/auto/index.ts';
import { engineNamed } from '../engines/index.ts';
import { Ann2SnnError, messageOf } from '../errors.ts';
import { writeNetwork } from '../snn/network/network-file.ts';
import { errorOf } from './failure.ts';
import type { Answer, Job, Outcome, Task } from './job.ts';
import type { Subject } from './measurement.ts';
import { againOf } from './open-again.ts';
import type { Runner, StopFlag } from './runner.ts';
import type { ShardSums } from './shard-sums.ts';
import type { MeasuredLatency } from './stepped-latency.ts';

/** Worker threads run compiled files only: from the TypeScript source, there is no pool. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('./worker.js', import.meta.url) : null;

/** Whether worker threads can be started. */
export const poolAvailable = WORKER !== null;

export interface PoolOptions {
  readonly workers: number;
  /** What the data set was opened with. */
  readonly dataOptions: DatasetOptions;
  readonly flag: StopFlag;
  /** Called after every batch of any worker with its number of images. */
  readonly measured: (images: number) => void;
}

/**
 * Runs shards on worker threads, each with a network, data set, ANN and engine of its own.
 * @throws Ann2SnnError `invalid-option` where the engine is none that a worker finds by its name
 */
export async function openPool(
  subject: Subject & { readonly dataset: Dataset },
  options: PoolOptions,
): Promise<Runner> {
  if (WORKER === null) throw new RangeError('the source has no pool of workers');
  const job = await jobOf(subject, options);
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: WORKER.href,
    minThreads: options.workers,
    maxThreads: options.workers,
    workerData: job,
  });
  pool.on('message', options.measured);
  const run = async (task: Task): Promise<Answer> => {
    const outcome = await answered(pool.run(task) as Promise<Outcome>);
    if ('failure' in outcome) throw errorOf(outcome.failure);
    return outcome.answer;
  };
  return {
    workers: options.workers,
    measure: (shard) => run({ kind: 'shard', shard }) as Promise<ShardSums>,
    latency: () => run({ kind: 'latency' }) as Promise<MeasuredLatency>,
    close: async () => {
      pool.off('message', options.measured);
      await pool.close();
    },
  };
}

async function jobOf(
  { network, dataset, engine, ann }: Subject & { readonly dataset: Dataset },
  { dataOptions, flag }: PoolOptions,
): Promise<Job> {
  const plan = engine.plan?.(network) ?? null;
  const followsPlan = plan !== null && engine.name === auto.name;
  if (!followsPlan && engineNamed(engine.name) !== engine) {
    throw new Ann2SnnError('invalid-option', {
      where: 'workers',
      message: `expected 1 with an engine of the caller's own ("${engine.name}"), which other threads do not know, found more`,
    });
  }
  return {
    network: writeNetwork(network),
    engine: engine.name,
    plan,
    data: await againOf(dataset, dataOptions),
    ann: ann?.path ?? null,
    flag,
  };
}

/** A worker answers with a failure where its task fails: whatever else comes is the end of the thread. */
export async function answered<O>(outcome: Promise<O>): Promise<O> {
  try {
    return await outcome;
  } catch (error) {
    throw new Ann2SnnError(
      'runtime-failed',
      { where: 'workers', message: `a worker thread ended before its work was done: ${messageOf(error)}` },
      { help: 'try fewer of them (--workers)', cause: error },
    );
  }
}
