// The limit of the event engine: how fast its kernels add when nothing else is done. One core, the best of ROUNDS; a
// machine that does other things gives less. Run it with `npm run bench:kernels`.

import { kernelMemory, kernelsOver } from '../src/engines/event/compiled-kernels.ts';
import {
  columnWeightsF32,
  columnWeightsI8,
  gatherWeightsF32,
  gatherWeightsI8,
  scatterWeights,
} from '../src/engines/event/kernel-weights.ts';
import { FIRE_MODES } from '../src/engines/event/kernels.ts';
import { spikes } from '../src/engines/event/row-coding.ts';
import { table } from '../src/report/table.ts';
import { tensor } from '../src/tensor/tensor.ts';

const ROUNDS = 15;
/** Additions, or neurons, of one round. */
const WORK = 2e7;
const OUTPUTS = [16, 32, 64, 128, 256];
const RATES = [0.1, 0.2];
/** Share of the spikes that are negative. */
const NEGATIVE = 0.2;
const LAYERS = [
  { size: 8, channels: 64, kernel: 3 },
  { size: 16, channels: 32, kernel: 3 },
  { size: 8, channels: 256, kernel: 3 },
  { size: 8, channels: 64, kernel: 1 },
] as const;

const MEGABYTE = 1 << 20;
const AT = {
  starts: 1024,
  rows: MEGABYTE,
  list: 2 * MEGABYTE,
  h: 4 * MEGABYTE,
  g: 8 * MEGABYTE,
  weights: 16 * MEGABYTE,
};

const memory = kernelMemory(64 * MEGABYTE);
const kernels = kernelsOver(memory);

/** Numbers in [0, 1), the same at every run. */
let state = 1;
function next(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return ((state ^ (state >>> 15)) >>> 0) / 2 ** 32;
}

function put(at: number, data: Float32Array | Int8Array | Int32Array): void {
  new Uint8Array(memory.buffer, at, data.byteLength).set(new Uint8Array(data.buffer, 0, data.byteLength));
}

/** Draws a step's spikes and returns how many there are at each position. */
function drawSpikes(positions: number, channels: number, rate: number): number[] {
  const rows: number[] = [];
  const starts = [0];
  for (let p = 0; p < positions; p++) {
    for (let c = 0; c < channels; c++) {
      if (next() < rate) rows.push(2 * channels * p + (next() < NEGATIVE ? channels + c : c));
    }
    starts.push(rows.length);
  }
  put(AT.starts, Int32Array.from(starts));
  put(AT.rows, Int32Array.from(rows));
  return starts.slice(1).map((end, p) => end - starts[p]!);
}

/** Weight rows that a step adds with a square window that keeps the plane's size. */
function rowsSeen(counts: readonly number[], size: number, kernel: number): number {
  const reach = kernel >> 1;
  const seenBy = (at: number) => Math.min(at + reach, size - 1) - Math.max(at - reach, 0) + 1;
  return counts.reduce((sum, count, p) => sum + count * seenBy(Math.floor(p / size)) * seenBy(p % size), 0);
}

/** Billions a second. */
function speed(work: number, run: () => void): number {
  const times = Math.max(1, Math.round(WORK / work));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const begin = performance.now();
    for (let i = 0; i < times; i++) run();
    best = Math.min(best, (performance.now() - begin) / times);
  }
  return work / best / 1e6;
}

const weightsOf = (shape: readonly number[]) =>
  tensor(
    'int8',
    shape,
    Int8Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.round(next() * 254 - 127)),
  );

function gatherSpeeds({ size, channels, kernel }: (typeof LAYERS)[number], rate: number, outputs: number) {
  const adds = rowsSeen(drawSpikes(size * size, channels, rate), size, kernel) * outputs;
  const weights = weightsOf([outputs, channels, kernel, kernel]);
  const plane = [AT.starts, AT.rows, size, size, 2 * channels] as const;
  const rows = spikes.rows({ channels, stride: channels });
  const pad = kernel >> 1;
  const window = [size, size, kernel, kernel, 1, 1, 1, 1, pad, pad] as const;
  new Uint8Array(memory.buffer, AT.h, size * size * outputs * 4).fill(0);
  // Windows of three lines have kernels of their own.
  const columns = [size, 3, 1, 1] as const;
  put(AT.weights, kernel === 3 ? columnWeightsF32(weights, rows) : gatherWeightsF32(weights, rows, outputs));
  const single = speed(adds, () =>
    kernel === 3
      ? kernels.columnsF32(...plane, AT.weights, outputs, AT.h, ...columns, 1 / 1.5, 1, 0, 0)
      : kernels.gatherF32(...plane, AT.weights, outputs, AT.h, ...window, AT.list, 1 / 1.5, 1, 0, 0),
  );
  put(AT.weights, kernel === 3 ? columnWeightsI8(weights, rows) : gatherWeightsI8(weights, rows, outputs));
  const eight = speed(adds, () =>
    kernel === 3
      ? kernels.columnsI8(...plane, AT.weights, outputs, AT.h, ...columns, 1)
      : kernels.gatherI8(...plane, AT.weights, outputs, AT.h, ...window, AT.list, 1),
  );
  return { single, eight };
}

function scatterSpeeds(size: number, channels: number, rate: number, group: number, outputs: number) {
  const adds = rowsSeen(drawSpikes(size * size, channels, rate), size, 3) * (outputs / group);
  const weights = weightsOf([outputs, channels / group, 3, 3]);
  const plane = [AT.starts, AT.rows, size, size, channels, group] as const;
  const window = [size, size, 3, 3, 1, 1, 1, 1, 1, 1] as const;
  const clear = () => kernels.clear(AT.h, size * size * outputs * 4);
  clear();
  put(AT.weights, scatterWeights({ ...weights, dtype: 'float32' }, group));
  const single = speed(adds, () =>
    kernels.scatterF32(...plane, AT.weights, outputs / group, outputs, AT.h, ...window),
  );
  clear();
  put(AT.weights, scatterWeights(weights, group));
  const eight = speed(adds, () =>
    kernels.scatterI8(...plane, AT.weights, outputs / group, outputs, AT.h, ...window),
  );
  return { single, eight };
}

/** Neurons a second, about a tenth of which fire. */
function fireSpeeds(positions: number, channels: number) {
  const neurons = positions * channels;
  put(
    AT.h,
    Float32Array.from({ length: neurons }, () => 2 * next() - 1),
  );
  // With beta = 0 every call sees the same o = h.
  const single = speed(neurons, () => {
    kernels.fireF32(AT.h, AT.g, positions, channels, FIRE_MODES.relu, 0, 0, 1, 0, 1, 0.8, AT.rows);
  });
  put(
    AT.h,
    Int32Array.from({ length: neurons }, () => Math.round(2000 * next() - 1000)),
  );
  new Float64Array(memory.buffer, AT.weights, channels).fill(1 / 1000);
  const silent = new Float32Array(neurons);
  const membranes = [1, AT.h, 0, 0, 0, AT.weights, 0, 0, 0, 0, 0, AT.g] as const;
  const double = speed(neurons, () => {
    put(AT.g, silent);
    kernels.fireI32(
      ...membranes,
      ...([positions, channels, FIRE_MODES.relu, 0, 0, 1, 1, 0.8, 0] as const),
      ...([AT.list, AT.rows] as const),
    );
  });
  return { single, double };
}

const show = (value: number) => value.toFixed(1);

console.log('gather, billions of additions a second: float32 | 8-bit weights');
console.log(
  table(
    ['layer', 'spiking', ...OUTPUTS.map((outputs) => `C_out ${outputs}`)],
    LAYERS.flatMap((layer) =>
      RATES.map((rate) => [
        `${layer.size}x${layer.size}x${layer.channels}, ${layer.kernel}x${layer.kernel}`,
        `${rate * 100} %`,
        ...OUTPUTS.map((outputs) => {
          const { single, eight } = gatherSpeeds(layer, rate, outputs);
          return `${show(single)} | ${show(eight)}`;
        }),
      ]),
    ),
  ),
);

console.log('\nscatter 3x3, 16x16, as many channels out as in, 10 % spiking');
const SCATTER = [
  { name: 'depthwise', groupOf: (channels: number) => channels },
  { name: '4 groups', groupOf: () => 4 },
  { name: '1 group', groupOf: () => 1 },
] as const;
console.log(
  table(
    ['', ...OUTPUTS.map((channels) => `C ${channels}`)],
    SCATTER.map(({ name, groupOf }) => [
      name,
      ...OUTPUTS.map((channels) => {
        const { single, eight } = scatterSpeeds(16, channels, 0.1, groupOf(channels), channels);
        return `${show(single)} | ${show(eight)}`;
      }),
    ]),
  ),
);

console.log('\nfiring, billions of neurons a second, 16x16: float32 | integer (one source)');
console.log(
  table(
    OUTPUTS.map((channels) => `C ${channels}`),
    [
      OUTPUTS.map((channels) => {
        const { single, double } = fireSpeeds(256, channels);
        return `${show(single)} | ${show(double)}`;
      }),
    ],
  ),
);
