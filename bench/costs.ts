// `npm run bench:costs`: what a unit of each kind of work takes on this machine, fitted to the times of real layers in both ways
// of running them, and written to src/engines/auto/cost-table.ts. Run it again when kernels change. `-- --layers` prints every layer's time beside
// what the table says.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { costTable } from '../src/engines/auto/cost-table.ts';
import {
  COST_NAMES,
  type CostName,
  costOf,
  joined,
  type Prices,
  type Work,
} from '../src/engines/auto/costs.ts';
import { denseLayers } from '../src/engines/auto/dense-layers.ts';
import { layerWorks, wholeWork } from '../src/engines/auto/layer-work.ts';
import { membraneNodes } from '../src/engines/auto/membrane-nodes.ts';
import { compileMixed } from '../src/engines/auto/mixed-network.ts';
import { spikeRates } from '../src/engines/auto/spike-rates.ts';
import { dense } from '../src/engines/dense/index.ts';
import { kernelsOver } from '../src/engines/event/compiled-kernels.ts';
import { hasMembranes, membraneKey } from '../src/engines/event/membrane-node.ts';
import type { Network } from '../src/snn/network/network.ts';
import type { FloatTensor } from '../src/tensor/tensor.ts';
import { CASES, converted, FURTHER_CASES, median, repeated, root } from './cases.ts';

const ROUNDS = 12;
const BATCH = 2;

/** Nanoseconds below which a layer's time says more about the clock than about its work. */
const CLOCK = 2e4;

/** How much, beside one layer, it counts that a price stays what it was: only where no layer has such work. */
const HOLD = 1e-4;

/** Work that took some time, an image. */
interface Sample {
  readonly what: string;
  readonly work: Work;
  readonly nanoseconds: number;
}

/** What a quarter of the times are below: others that use the machine make times longer, never shorter. */
function quiet(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 4)]!;
}

/** Samples of one network: each layer walked by spikes and computed densely, and the whole by the dense engine. */
async function samplesOf(network: Network, images: FloatTensor): Promise<Sample[]> {
  const works = layerWorks(network, spikeRates(network));
  const byEvent = await layerTimes(network, new Set(), images);
  const mayBeDense = denseLayers(network);
  const byRuntime = await layerTimes(network, mayBeDense, images);
  const samples: Sample[] = [];
  for (const key of membraneNodes(network).keys()) {
    const { event, dense: densely, neurons } = works.get(key)!;
    samples.push({ what: `event ${key}`, work: joined(event, neurons), nanoseconds: byEvent.get(key)! });
    if (densely === null) continue;
    samples.push({ what: `dense ${key}`, work: joined(densely, neurons), nanoseconds: byRuntime.get(key)! });
  }
  const batch = dense.batch(network);
  const several = repeated(images, batch);
  const compiled = await dense.compile(network);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await compiled.run(several);
    times.push(((performance.now() - began) * 1e6) / batch);
  }
  await compiled.release();
  samples.push({ what: 'whole', work: wholeWork(network, batch), nanoseconds: quiet(times) });
  return samples;
}

/** Nanoseconds of each layer, its currents and its neurons, in the event engine. */
async function layerTimes(
  network: Network,
  densely: ReadonlySet<string>,
  images: FloatTensor,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number[]>([...membraneNodes(network).keys()].map((key) => [key, []]));
  let layer: string | null = null;
  let began = 0;
  const leave = () => {
    if (layer !== null) times.get(layer)!.push((performance.now() - began) * 1e6);
    layer = null;
  };
  const compiled = await compileMixed(network, densely, {
    kernels: kernelsOver,
    entering: (node) => {
      leave();
      if (!hasMembranes(node)) return;
      layer = membraneKey(node);
      began = performance.now();
    },
  });
  // One by one: images of a run go through a layer together.
  const size = images.data.length / images.shape[0]!;
  const singles = Array.from(
    { length: BATCH },
    (_, i): FloatTensor => ({
      ...{ dtype: 'float32', shape: [1, ...images.shape.slice(1)] },
      data: images.data.subarray(i * size, (i + 1) * size),
    }),
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const image of singles) {
      await compiled.run(image);
      leave();
    }
  }
  await compiled.release();
  return new Map([...times].map(([key, all]) => [key, quiet(all)]));
}

/**
 * Prices, none below 0, that come nearest to all times, each difference as a share of the time: one price after the other is
 * moved to where it is best for all others.
 */
function fitted(samples: readonly Sample[], before: Prices): Prices {
  const prices: { [name in CostName]: number } = { ...before };
  const weights = samples.map(({ nanoseconds }) => 1 / (nanoseconds + CLOCK) ** 2);
  for (let round = 0; round < 3000; round++) {
    for (const name of COST_NAMES) {
      let above = 0;
      let below = 0;
      samples.forEach(({ work, nanoseconds }, i) => {
        const units = work[name] ?? 0;
        if (units === 0) return;
        const rest = nanoseconds - costOf(work, prices) + units * prices[name];
        above += weights[i]! * units * rest;
        below += weights[i]! * units * units;
      });
      // A price that was 0 says nothing about its size.
      const hold = before[name] === 0 ? 0 : HOLD / before[name] ** 2;
      if (below + hold > 0) prices[name] = Math.max(0, (above + hold * before[name]) / (below + hold));
    }
  }
  return prices;
}

const samples = { float32: [] as Sample[], integer: [] as Sample[] };
for (const entry of [...CASES, ...FURTHER_CASES]) {
  if (!existsSync(`${root}${entry.model}`)) throw new Error(`${entry.model} is absent`);
  const { network, images } = await converted(entry);
  const found = await samplesOf(network, images);
  samples[network.arithmetic].push(
    ...found.map((sample) => ({ ...sample, what: `${entry.name}: ${sample.what}` })),
  );
  console.log(`${entry.name}: ${found.length} times`);
}
const float32 = fitted(samples.float32, costTable.float32);
const integer = fitted(samples.integer, float32);
for (const [all, prices] of [
  [samples.float32, float32],
  [samples.integer, integer],
] as const) {
  if (process.argv.includes('--layers')) {
    for (const { what, work, nanoseconds } of all)
      console.log(`${(nanoseconds / 1e6).toFixed(3)}  ${(costOf(work, prices) / 1e6).toFixed(3)}  ${what}`);
  }
  const errors = all.map(({ work, nanoseconds }) => Math.abs(costOf(work, prices) / nanoseconds - 1));
  console.log(`half of ${all.length} times are met within ${(100 * median(errors)).toFixed(0)} %`);
  for (const { what, work, nanoseconds } of all.filter(({ what: name }) => name.endsWith(': whole')))
    console.log(
      `${what}: ${(nanoseconds / 1e6).toFixed(2)} ms, by the table ${(costOf(work, prices) / 1e6).toFixed(2)}`,
    );
}

const priceLines = (prices: Prices) =>
  COST_NAMES.map((name) => `    ${name}: ${Number(prices[name].toPrecision(3))},`).join('\n');
writeFileSync(
  `${root}src/engines/auto/cost-table.ts`,
  `// Written by \`npm run bench:costs\`: nanoseconds that one unit of each kind of work took. Measured there, not chosen.
import type { Prices } from './costs.ts';

export const costTable: {
  readonly machine: string;
  readonly date: string;
  readonly float32: Prices;
  readonly integer: Prices;
} = {
  machine: '${cpus()[0]!.model}, Node ${process.version}',
  date: '${new Date().toISOString().slice(0, 10)}',
  float32: {
${priceLines(float32)}
  },
  integer: {
${priceLines(integer)}
  },
};
`,
);
