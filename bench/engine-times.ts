// One network on every engine, in turn.
import { planEngine } from '../src/engines/auto/choose-plan.ts';
import { kernelsOver } from '../src/engines/event/compiled-kernels.ts';
import { EventNetwork } from '../src/engines/event/event-network.ts';
import { engineNamed } from '../src/engines/index.ts';
import { addTrace, emptyTally, type SpikeTally, totalSpikes } from '../src/metrics/tally.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { type Network, spikingLayers } from '../src/snn/network/network.ts';
import { type FloatTensor, sizeOf } from '../src/tensor/tensor.ts';
import { arrivals } from './arrivals.ts';
import { type Case, converted, median, repeated } from './cases.ts';
import { limitOf } from './kernel-limit.ts';
import { phaseOf, Stopwatch } from './stopwatch.ts';

export const ENGINE_COLUMNS = [
  'network',
  'engine',
  'batch',
  'ms',
  'x T x ANN',
  'G SyOPs/s',
  'of the limit',
  'neurons, ms',
  'x best',
] as const;

/** What a network is measured for, in milliseconds, and how often at least and at most. */
const PATIENCE = 12_000;
const ROUNDS = [5, 25] as const;

const BATCHES = [1, 2, 4, 8, 16];

interface Timed {
  readonly what: string;
  readonly batch: number;
  readonly run: () => Promise<unknown> | unknown;
  readonly milliseconds: number[];
}

/** What one network was measured to take. */
export interface EngineTimes {
  /** By ENGINE_COLUMNS. */
  readonly rows: readonly string[][];
  /** How large it is, and what the event engine makes of that, in one line. */
  readonly size: string;
}

/** Times one case. */
export async function engineTimes(entry: Case): Promise<EngineTimes> {
  const { ann: file, network, images: few } = await converted(entry);
  const session = await openOriginal(file);
  const [dense, auto] = [
    await engineNamed('dense').compile(network),
    await engineNamed('auto').compile(network),
  ];
  const event = new EventNetwork(network);
  const plan = planEngine(network);
  const ownBatch = Math.min(16, engineNamed('dense').batch(network));
  const batches = [...new Set([...(entry.batches ?? BATCHES), ownBatch])];
  const jobs: Timed[] = batches.flatMap((batch) => {
    const images = repeated(few, batch);
    const feeds = new Map([[session.inputNames[0]!, images]]);
    return [
      { what: 'ANN', batch, run: () => session.run(feeds), milliseconds: [] },
      { what: 'dense', batch, run: () => dense.run(images), milliseconds: [] },
    ];
  });
  // Batches that `evaluate` gives: a run has costs of its own, and images that go through together share weights.
  const eventBatch = engineNamed('event').batch(network);
  const several = repeated(few, eventBatch);
  const own = engineNamed('auto').batch(network);
  const forAuto = repeated(few, own);
  jobs.push({ what: 'event', batch: eventBatch, run: () => event.run(several, {}), milliseconds: [] });
  jobs.push({ what: 'auto', batch: own, run: () => auto.run(forAuto), milliseconds: [] });
  await inTurn(jobs);
  for (const one of [session, dense, auto]) await one.release();

  const best = (what: string) =>
    jobs.filter((job) => job.what === what).reduce((a, b) => (time(a) <= time(b) ? a : b));
  const ann = best('ANN');
  const tally = emptyTally();
  addTrace(tally, event.run(several, {}));
  const adds = [...arrivals(network, tally).values()].reduce((sum, count) => sum + count, 0);
  const inside = insideEvent(network, several, tally);
  // As `evaluate` would run them.
  const byRuntime = jobs.find(({ what, batch }) => what === 'dense' && batch === ownBatch)!;
  const better = Math.min(time(byRuntime), time(best('event')));
  const layers = plan.layers.filter(({ currents }) => currents === 'dense').length;
  const chosen =
    plan.neurons === 'dense' ? 'dense' : layers === 0 ? 'event' : `event, ${layers} layers dense`;
  const row = (job: Timed, more: readonly string[]) => [
    `${entry.name} (${spikesPerNeuron(network, tally)})`,
    job.what === 'event' ? `event ${network.arithmetic === 'integer' ? 'int8' : 'float32'}` : job.what,
    String(job.batch),
    time(job).toFixed(3),
    job.what === 'ANN' ? '' : (time(job) / (entry.T * time(ann))).toFixed(2),
    job.what === 'ANN' ? '' : (adds / time(job) / 1e6).toFixed(1),
    ...more,
  ];
  const autoRow = row(best('auto'), ['', '', (time(best('auto')) / better).toFixed(2)]);
  autoRow[1] = `auto (${chosen})`;
  const rows = [
    row(ann, ['', '', '']),
    row(best('dense'), ['', '', '']),
    row(best('event'), [inside.share, inside.neurons, '']),
    autoRow,
  ];
  for (const cells of rows) console.log(cells.join('  '));
  const neurons = spikingLayers(network).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const byEvent = time(best('event'));
  const size = `${entry.name}: ${neurons} neurons, ${(adds / 1e6).toFixed(2)} M SyOPs, ${byEvent.toFixed(2)} ms, ${((1e6 * byEvent) / adds).toFixed(3)} ns a SyOP`;
  return { rows, size };
}

async function inTurn(jobs: readonly Timed[]): Promise<void> {
  for (const job of jobs) await job.run();
  const began = performance.now();
  for (let round = 0; round < ROUNDS[1]; round++) {
    if (round >= ROUNDS[0] && performance.now() - began > PATIENCE) return;
    // There and back, so that none always runs behind the same one and its use of the caches.
    for (const job of round % 2 === 0 ? jobs : jobs.toReversed()) {
      const start = performance.now();
      await job.run();
      job.milliseconds.push((performance.now() - start) / job.batch);
    }
  }
}

function time({ milliseconds }: Timed): number {
  return median(milliseconds);
}

function spikesPerNeuron(network: Network, tally: SpikeTally): string {
  const layers = spikingLayers(network).filter(({ kind }) => kind === 'neuron');
  const spikes = layers.reduce((sum, { name }) => sum + totalSpikes(tally, name), 0) / tally.images;
  return (spikes / layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toFixed(2);
}

/** Time in the kernels of neurons, and the share of their own speed that kernels of wide layers reach. */
function insideEvent(network: Network, images: FloatTensor, tally: SpikeTally) {
  const watch = new Stopwatch();
  const watched = new EventNetwork(network, {
    kernels: (memory) => watch.over(kernelsOver(memory)),
    entering: ({ name }) => watch.entering(name),
  });
  watched.run(images, {});
  watch.leave();
  for (let round = 0; round < ROUNDS[0]; round++) {
    watch.nextRound();
    watched.run(images, {});
    watch.leave();
  }
  const count = images.shape[0]!;
  const neurons = watch.total((kernel) => kernel !== 'whole' && phaseOf(kernel) === 'neurons') / count;
  let [limit, convolving] = [0, 0];
  for (const node of network.nodes) {
    const own = node.kind === 'linear' ? null : limitOf(network, tally, node);
    if (own === null) continue;
    limit += own;
    convolving += watch.total((kernel) => /^(gather|columns)/.test(kernel), node.name) / count;
  }
  return {
    neurons: neurons.toFixed(2),
    share: convolving === 0 ? '' : `${Math.round((100 * limit) / convolving)} %`,
  };
}
