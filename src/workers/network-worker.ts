// The file that a worker thread of a pool of networks runs: one task, one network.
import { parentPort, workerData } from 'node:worker_threads';
import { engineNamed } from '../engines/index.ts';
import { inputEncoders, type Network } from '../snn/network/network.ts';
import { readNetwork } from '../snn/network/network-file.ts';
import { failureOf, type Outcome } from './failure.ts';
import type { GroundJob, NetworkAnswer, NetworkTask } from './network-job.ts';
import { type Ground, runNetwork } from './network-run.ts';
import { openAgain } from './open-again.ts';
import { isStopped } from './runner.ts';

const job = workerData as GroundJob;
let opened: Promise<Ground> | undefined;

export default async function run(task: NetworkTask): Promise<Outcome<NetworkAnswer>> {
  try {
    const network = readNetwork(task, 'network');
    opened ??= open(network);
    const answer = await runNetwork(network, await opened, {
      stopped: () => isStopped(job.flag),
      measured: (images) => parentPort?.postMessage(images),
    });
    return { answer };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

/** All networks have the same inputs. */
async function open(network: Network): Promise<Ground> {
  const { data, engine, original, rateImages } = job;
  const dataset = await openAgain(data, inputEncoders(network));
  return { dataset, engine: engineNamed(engine), original, rateImages };
}
