// Network + data -> Report: shards of the images run through SNN and ANN (src/workers), added up in their order;
// report/build-report.ts computes the figures.
import { basename } from 'node:path';
import type { Dataset, DatasetOptions } from './data/dataset.ts';
import { checkLabels } from './data/dataset.ts';
import { decided } from './engines/auto/index.ts';
import type { Engine } from './engines/engine.ts';
import { Ann2SnnError } from './errors.ts';
import { scoredReadout } from './metrics/accuracy.ts';
import type { LoadedModel } from './onnx/load.ts';
import type { Progress } from './progress.ts';
import { buildReport } from './report/build-report.ts';
import type { Report } from './report/report.ts';
import type { Network } from './snn/network/network.ts';
import { callingThread } from './workers/calling-thread.ts';
import { evaluationSums } from './workers/evaluation-sums.ts';
import { allowedBytes, datasetBytes, workerBytes, workersFor } from './workers/memory.ts';
import { checkOriginal } from './workers/original-values.ts';
import { openPool, poolAvailable } from './workers/pool.ts';
import { isStopped, type Runner, type StopFlag, stop, stopFlag } from './workers/runner.ts';
import { addSums, emptySums, type ShardSums } from './workers/shard-sums.ts';
import { cutShards, type Shard } from './workers/shards.ts';
import type { MeasuredLatency } from './workers/stepped-latency.ts';

export interface EvaluateOptions {
  readonly engine: Engine;
  /** The original file, to compare with; without it the ANN's figures are null. */
  readonly ann?: LoadedModel;
  readonly progress?: Progress;
  /** Images on which layers are diagnosed: 64 by default. */
  readonly diagnosed?: number;
  /**
   * Threads that share the images: 1, the calling one, by default. More open the data set and the original file by their
   * paths, and are used only where the library runs as compiled JavaScript. No figure depends on them.
   */
  readonly workers?: number;
  /** What the data set was opened with, for workers to open it again. */
  readonly dataOptions?: DatasetOptions;
  /** Ends the run after the batches that are being measured; the report is that of the images until then. */
  readonly signal?: AbortSignal;
}

const DIAGNOSED_IMAGES = 64;

/** Shards in hand for each worker: the one that it runs and the next. */
const AHEAD = 2;

/**
 * Evaluates a network on a data set.
 * @throws Ann2SnnError `invalid-data` where the data does not fit the network, `invalid-option` for another ANN than its own.
 */
export async function evaluate(
  network: Network,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<Report> {
  const { ann, progress, signal, workers: asked = 1 } = options;
  if (!(Number.isInteger(asked) && asked > 0)) {
    const message = `expected a whole number from 1, found ${asked}`;
    throw new Ann2SnnError('invalid-option', { where: 'workers', message });
  }
  const began = performance.now();
  const scores = scoredReadout(network);
  checkOriginal(network, ann);
  if (scores !== null) checkLabels(dataset, scores.classes);

  // Planned once: workers are given the plan, and cannot come to another.
  const engine = decided(options.engine, network);
  const subject = { network, dataset, engine, ann };
  const shards = cutShards(dataset.count, engine.batch(network), options.diagnosed ?? DIAGNOSED_IMAGES);
  const memory = { perWorker: workerBytes(subject, shards, datasetBytes(dataset)), allowed: allowedBytes() };
  const used = poolAvailable ? workersFor(asked, shards.length, memory.perWorker, memory.allowed) : 1;

  progress?.(0, dataset.count);
  let done = 0;
  const measured = (images: number) => {
    done += images;
    progress?.(done, dataset.count);
  };
  const flag = stopFlag();
  const onAbort = () => stop(flag);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const runner =
      used === 1
        ? callingThread(subject, flag, measured)
        : await openPool(subject, { workers: used, dataOptions: options.dataOptions ?? {}, flag, measured });
    const { sums, latency } = await runShards(network, runner, shards, flag);
    const { images } = sums.tally;
    const interrupted = images < dataset.count ? { measured: images, of: dataset.count } : null;
    // The last word of a worker on how far it is may come after its sums.
    if (interrupted === null && done < dataset.count) progress?.(dataset.count, dataset.count);
    return buildReport(
      network,
      evaluationSums(network, sums, { ann: ann !== undefined, labels: dataset.labels !== null }),
      {
        engine: engine.name,
        enginePlan: engine.plan?.(network) ?? null,
        data: { file: basename(dataset.path), sha256: dataset.sha256 },
        interrupted,
        memory,
        workers: { used, asked },
        seconds: { ...sums.seconds, total: (performance.now() - began) / 1000 },
        measuredLatency: latency,
      },
    );
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Runs the shards, a few ahead of the one that is added next, and steps two images at the end. Closes the runner. */
async function runShards(
  { coding }: Network,
  runner: Runner,
  shards: readonly Shard[],
  flag: StopFlag,
): Promise<{ sums: ShardSums; latency: MeasuredLatency }> {
  const sums = emptySums(coding.T);
  const running: Promise<ShardSums>[] = [];
  let latency: Promise<MeasuredLatency> | undefined;
  const ahead = runner.workers === 1 ? 1 : AHEAD * runner.workers;
  try {
    for (const shard of shards) {
      if (shard.from > 0 && isStopped(flag)) break;
      running.push(runner.measure(shard));
      // The first failure in the order of shards is told of; the others must not count as unhandled.
      running.at(-1)!.catch(() => {});
      if (running.length === ahead) addSums(sums, await running.shift()!);
    }
    // In a pool it goes on beside the last shards.
    latency = runner.latency();
    latency.catch(() => {});
    while (running.length > 0) addSums(sums, await running.shift()!);
    return { sums, latency: await latency };
  } catch (error) {
    stop(flag);
    throw error;
  } finally {
    await Promise.allSettled([...running, latency]);
    await runner.close();
  }
}
