// Many networks on the same images: one after the other in the calling thread, or one in each thread of a pool.
//
// CONTRIBUTOR NOTES. Threads share networks, not the images of one, as `evaluate` does. Seconds of processor time for six
// networks of ResNet-20 (T 4 to 9, 64 images, dense engine; 2026-11-26, on a machine that was busy with other things, so no
// times on the wall): one thread 23.9 and with `evaluate` 30.7; two threads 26.0 and 40.9, since each thread opens each
// network and the ANN again. `evaluate` steps two images besides, and looks at the ANN's layers.
import type { Dataset, DatasetOptions } from '../data/dataset.ts';
import type { Network } from '../snn/network/network.ts';
import { writeNetwork } from '../snn/network/network-file.ts';
import type { GroundJob, NetworkAnswer, NetworkTask } from './network-job.ts';
import { type Ground, type NetworkFigures, runNetwork } from './network-run.ts';
import { againOf } from './open-again.ts';
import { isStopped, type StopFlag } from './runner.ts';
import { expectNamed, openThreads } from './threads.ts';

/** Worker threads run compiled files only: from the TypeScript source, there is no pool. */
const WORKER = import.meta.url.endsWith('.js') ? new URL('./network-worker.js', import.meta.url) : null;

/** Who measures networks. */
export interface NetworkRunner {
  /** Threads that networks run on. */
  readonly workers: number;
  /** Null where it was stopped. */
  run(network: Network): Promise<NetworkFigures | null>;
  /** Closes all it has open. Call it when nothing is running. */
  close(): Promise<void>;
}

export interface NetworkRunnerOptions {
  /** More than one only where the library runs as compiled JavaScript. */
  readonly workers: number;
  /** What the data set was opened with. */
  readonly dataOptions: DatasetOptions;
  readonly flag: StopFlag;
  /** Called after every batch of any thread with its number of images. */
  readonly measured: (images: number) => void;
}

/**
 * Opens threads for networks that are measured on the same ground.
 * @throws Ann2SnnError `invalid-option` where the engine is none that a worker finds by its name
 */
export async function openNetworkRunner(
  ground: Ground & { readonly dataset: Dataset },
  options: NetworkRunnerOptions,
): Promise<NetworkRunner> {
  const { workers, dataOptions, flag, measured } = options;
  if (workers === 1 || WORKER === null) {
    const watch = { stopped: () => isStopped(flag), measured };
    return { workers: 1, run: (network) => runNetwork(network, ground, watch), close: async () => {} };
  }
  const { engine, original, rateImages } = ground;
  expectNamed(engine);
  const data = await againOf(ground.dataset, dataOptions);
  const job: GroundJob = { data, engine: engine.name, original, rateImages, flag };
  const threads = await openThreads<NetworkTask, NetworkAnswer>(WORKER, job, workers, measured);
  return { workers, run: (network) => threads.run(writeNetwork(network)), close: threads.close };
}
