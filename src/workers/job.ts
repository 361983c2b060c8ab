// What a pool and its workers tell each other: plain data, files by their paths.
import type { EnginePlan } from '../engines/engine-plan.ts';
import type { DatasetAgain } from './open-again.ts';
import type { StopFlag } from './runner.ts';
import type { ShardSums } from './shard-sums.ts';
import type { Shard } from './shards.ts';
import type { MeasuredLatency } from './stepped-latency.ts';

/** What every worker opens for itself. */
export interface Job {
  /** The network as a .snn file. */
  readonly network: Uint8Array;
  readonly engine: string;
  /** What the engine follows; null for one that decides nothing. */
  readonly plan: EnginePlan | null;
  readonly data: DatasetAgain;
  /** Path of the original file; null without it. */
  readonly ann: string | null;
  readonly flag: StopFlag;
}

export type Task = { readonly kind: 'shard'; readonly shard: Shard } | { readonly kind: 'latency' };

export type Answer = ShardSums | MeasuredLatency;
