// Shards on worker threads.
import type { Dataset, DatasetOptions } from '../data/dataset.ts';
import { auto } from '../engines/auto/index.ts';
import { writeNetwork } from '../snn/network/network-file.ts';
import type { Answer, Job, Task } from './job.ts';
import type { Subject } from './measurement.ts';
import { againOf } from './open-again.ts';
import type { Runner, StopFlag } from './runner.ts';
import type { ShardSums } from './shard-sums.ts';
import type { MeasuredLatency } from './stepped-latency.ts';
import { expectNamed, openThreads } from './threads.ts';

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
  const { workers, measured } = options;
  const threads = await openThreads<Task, Answer>(WORKER, await jobOf(subject, options), workers, measured);
  return {
    workers,
    measure: (shard) => threads.run({ kind: 'shard', shard }) as Promise<ShardSums>,
    latency: () => threads.run({ kind: 'latency' }) as Promise<MeasuredLatency>,
    close: threads.close,
  };
}

async function jobOf(
  { network, dataset, engine, ann }: Subject & { readonly dataset: Dataset },
  { dataOptions, flag }: PoolOptions,
): Promise<Job> {
  const plan = engine.plan?.(network) ?? null;
  const followsPlan = plan !== null && engine.name === auto.name;
  if (!followsPlan) expectNamed(engine);
  return {
    network: writeNetwork(network),
    engine: engine.name,
    plan,
    data: await againOf(dataset, dataOptions),
    ann: ann?.path ?? null,
    flag,
  };
}
