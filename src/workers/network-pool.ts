// Many networks on the same images: one after the other in the calling thread, or one in each thread of a pool.
//
// CONTRIBUTOR NOTES. Threads share networks, not the images of one, as `evaluate` does. Seconds of processor time for six
// networks of ResNet-20 (T 4 to 9, 64 images, dense engine; 2026-11-26, on a machine that was busy with other things, so no
// times on the wall): one thread 23.9 and with `evaluate` 30.7; two threads 26.0 and 40.9, since each thread opens each
// network and the ANN again. `evaluate` steps two images besides, and looks at the ANN's layers.
import type { Dataset, DatasetOptions } from '../data/dataset.ts';
import { engineNamed } from '../engines/index.ts';
import { Ann2SnnError } from '../errors.ts';
import type { Network } from '../snn/network/network.ts';
import { writeNetwork } from '../snn/network/network-file.ts';
import { errorOf } from './failure.ts';
import type { GroundJob, NetworkOutcome } from './network-job.ts';
import { type Ground, type NetworkFigures, runNetwork } from './network-run.ts';
import { againOf } from './open-again.ts';
import { answered } from './pool.ts';
import { isStopped, type StopFlag } from './runner.ts';

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
  if (engineNamed(engine.name) !== engine) {
    throw new Ann2SnnError('invalid-option', {
      where: 'workers',
      message: `expected 1 with an engine of the caller's own ("${engine.name}"), which other threads do not know, found more`,
    });
  }
  const data = await againOf(ground.dataset, dataOptions);
  const job: GroundJob = { data, engine: engine.name, original, rateImages, flag };
  const { Piscina } = await import('piscina');
  const pool = new Piscina({
    filename: WORKER.href,
    minThreads: workers,
    maxThreads: workers,
    workerData: job,
  });
  pool.on('message', measured);
  return {
    workers,
    run: async (network) => {
      const outcome = await answered(pool.run(writeNetwork(network)) as Promise<NetworkOutcome>);
      if ('failure' in outcome) throw errorOf(outcome.failure);
      return outcome.answer;
    },
    close: async () => {
      pool.off('message', measured);
      await pool.close();
    },
  };
}
