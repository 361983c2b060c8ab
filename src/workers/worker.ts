// The file that a worker thread runs: opens what its job names at the first task, and answers tasks one after the other.
import { parentPort, workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { openDatasetFor } from '../data/dataset.ts';
import { autoWith } from '../engines/auto/index.ts';
import { engineNamed } from '../engines/index.ts';
import { Ann2SnnError } from '../errors.ts';
import { loadOnnx } from '../onnx/load.ts';
import { inputEncoders, type Network } from '../snn/network/network.ts';
import { readNetwork } from '../snn/network/network-file.ts';
import { sameShape } from '../tensor/tensor.ts';
import { failureOf } from './failure.ts';
import type { Job, Outcome, Task } from './job.ts';
import { Measurement, type Subject } from './measurement.ts';
import { checkOriginal } from './original-values.ts';
import { isStopped } from './runner.ts';
import { buffersOf, type ShardSums } from './shard-sums.ts';

const job = workerData as Job;
let opened: Promise<Measurement> | undefined;

export default async function run(task: Task): Promise<unknown> {
  try {
    opened ??= open();
    const measurement = await opened;
    if (task.kind === 'latency') return { answer: await measurement.latency() } satisfies Outcome;
    return moved(await measurement.measure(task.shard));
  } catch (error) {
    return { failure: failureOf(error) } satisfies Outcome;
  }
}

/** The sums with their arrays handed over, not copied: they are as large as the network. */
function moved(answer: ShardSums): unknown {
  return move({ [transferableSymbol]: buffersOf(answer), [valueSymbol]: { answer } satisfies Outcome });
}

async function open(): Promise<Measurement> {
  const network = readNetwork(job.network, 'network');
  const ann = job.ann === null ? undefined : await loadOnnx(job.ann);
  checkOriginal(network, ann);
  const engine = job.plan === null ? engineNamed(job.engine) : autoWith(job.plan, 'engine plan');
  const subject = { network, dataset: await openAgain(network), engine, ann };
  return new Measurement(subject, {
    stopped: () => isStopped(job.flag),
    measured: (images) => parentPort?.postMessage(images),
  });
}

/** The caller's data set, opened here. Images other than the caller's would be measured against the wrong labels. */
async function openAgain(network: Network): Promise<Subject['dataset']> {
  const { path, options, count, labels, first } = job.data;
  const dataset = await openDatasetFor(inputEncoders(network), path, options);
  const own = await dataset.read(0, 1);
  const same =
    dataset.count >= count &&
    own.dtype === first.dtype &&
    sameShape(own.shape, first.shape) &&
    own.data.every((value, i) => Object.is(value, first.data[i]));
  if (!same) {
    throw new Ann2SnnError('invalid-option', {
      where: path,
      message:
        'expected workers to find the images of the data set when they open it with dataOptions, found others',
    });
  }
  return { count, labels, read: dataset.read };
}
