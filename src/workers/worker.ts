// The file that a worker thread runs: opens what its job names at the first task, and answers tasks one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { autoWith } from '../engines/auto/index.ts';
import { engineNamed } from '../engines/index.ts';
import { loadOnnx } from '../onnx/load.ts';
import { inputEncoders } from '../snn/network/network.ts';
import { readNetwork } from '../snn/network/network-file.ts';
import { failureOf, type Outcome } from './failure.ts';
import type { Answer, Job, Task } from './job.ts';
import { Measurement } from './measurement.ts';
import { openAgain } from './open-again.ts';
import { checkOriginal } from './original-values.ts';
import { isStopped } from './runner.ts';
import { buffersOf, type ShardSums } from './shard-sums.ts';

const job = workerData as Job;
let opened: Promise<Measurement> | undefined;

export default async function run(task: Task): Promise<unknown> {
  try {
    opened ??= open();
    const measurement = await opened;
    if (task.kind === 'latency') return { answer: await measurement.latency() } satisfies Outcome<Answer>;
    return moved(await measurement.measure(task.shard));
  } catch (error) {
    return { failure: failureOf(error) } satisfies Outcome<Answer>;
  }
}

/** The sums with their arrays handed over, not copied: they are as large as the network. */
function moved(answer: ShardSums): unknown {
  return move({
    [transferableSymbol]: buffersOf(answer),
    [valueSymbol]: { answer } satisfies Outcome<Answer>,
  });
}

async function open(): Promise<Measurement> {
  const network = readNetwork(job.network, 'network');
  const ann = job.ann === null ? undefined : await loadOnnx(job.ann);
  checkOriginal(network, ann);
  const engine = job.plan === null ? engineNamed(job.engine) : autoWith(job.plan, 'engine plan');
  const subject = { network, dataset: await openAgain(job.data, inputEncoders(network)), engine, ann };
  return new Measurement(subject, {
    stopped: () => isStopped(job.flag),
    measured: (images) => parentPort?.postMessage(images),
  });
}
