// What a worker needs of the machine's memory, and how many workers fit.
//
// CONTRIBUTOR NOTES. Resident memory that one more worker took, dense engine with the ANN, measured and as estimated here:
// ResNet-20, T 8: 150 and 152 MB; SqueezeNet 1.1, T 8: 300 and 297 MB. The two numbers without a reason, bytes of an empty
// worker and windows, are chosen for that.
import { totalmem } from 'node:os';
import { emptyHistogram } from '../calibration/histogram.ts';
import type { Dataset } from '../data/dataset.ts';
import { membraneType, neuronLayers, spikingLayers } from '../snn/network/network.ts';
import { sizeOf } from '../tensor/tensor.ts';
import type { Subject } from './measurement.ts';
import type { Shard } from './shards.ts';

/** Bytes of a thread that has loaded this library and ONNX Runtime, before it opens anything. */
const EMPTY_WORKER = 90 * 2 ** 20;

/** Weights are held by the network, by two models of ONNX Runtime (with and without states), and on the way into one. */
const WEIGHT_COPIES = 4;

/** The ANN's file is held as bytes, as decoded tensors and by ONNX Runtime. */
const ANN_COPIES = 3;

/** Windows held at once around the largest layer: what it reads, adds up and puts out, and what ONNX Runtime keeps free. */
const WINDOWS = 4;

/** Share of the machine's memory that workers may take together. */
const SHARE = 0.5;

/** Resident bytes of one worker, roughly: weights, the largest window of a batch, sums, and the data set where it is one array. */
export function workerBytes(
  { network, engine, ann }: Subject,
  shards: readonly Shard[],
  dataBytes: number,
): number {
  const weights = [...network.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  const element = membraneType(network) === 'float64' ? 8 : 4;
  const largest = Math.max(...network.nodes.map(({ shape }) => sizeOf(shape)));
  const window = element * largest * network.coding.T * engine.batch(network);
  const neurons = spikingLayers(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const histograms = shards.some(({ diagnosed }) => diagnosed)
    ? neuronLayers(network).length * emptyHistogram().counts.byteLength
    : 0;
  return (
    EMPTY_WORKER +
    WEIGHT_COPIES * weights +
    ANN_COPIES * (ann?.bytes.byteLength ?? 0) +
    WINDOWS * window +
    Float64Array.BYTES_PER_ELEMENT * neurons +
    histograms +
    dataBytes
  );
}

/** Bytes that all workers together may take. */
export function allowedBytes(): number {
  return Math.floor(SHARE * totalmem());
}

/** Bytes of a data set that lies in memory; one of pictures is read as it goes. */
export function datasetBytes({ reader, count, shape, dtype }: Dataset): number {
  return reader === 'image-folder' ? 0 : count * sizeOf(shape) * (dtype === 'uint8' ? 1 : 4);
}

/** How many of the workers asked for are started: at most one for each shard, and no more than memory allows. */
export function workersFor(asked: number, shards: number, perWorker: number, allowed: number): number {
  return Math.max(1, Math.min(asked, shards, Math.floor(allowed / perWorker)));
}
