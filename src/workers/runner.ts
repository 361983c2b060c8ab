// Who runs the shards of an evaluation: the calling thread, or a pool of others.
import type { ShardSums } from './shard-sums.ts';
import type { Shard } from './shards.ts';
import type { MeasuredLatency } from './stepped-latency.ts';

export interface Runner {
  /** Threads that it runs shards on. */
  readonly workers: number;
  measure(shard: Shard): Promise<ShardSums>;
  latency(): Promise<MeasuredLatency>;
  /** Closes all it has open. Call it when nothing is running. */
  close(): Promise<void>;
}

/** A flag that all threads see. Nobody ends a thread: one that is ended inside ONNX Runtime takes the process with it. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

export function stopFlag(): StopFlag {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export function stop(flag: StopFlag): void {
  Atomics.store(flag, 0, 1);
}

export function isStopped(flag: StopFlag): boolean {
  return Atomics.load(flag, 0) === 1;
}
