// `npm run bench:layers [name]`: where the event engine spends its time, layer by layer and kernel by kernel, beside the
// plain ANN in ONNX Runtime on one thread, and what share of their own speed (kernel-limit.ts) the kernels of convolutions
// reach in the network. `name` is a part of the names of the cases to run. Reading the clock around
// every kernel costs some time, so the sums are larger than the undisturbed total, which is printed too.
import { existsSync } from 'node:fs';
import { ConnectionFinder } from '../src/engines/event/connections.ts';
import { EventNetwork } from '../src/engines/event/event-network.ts';
import { type Kernels, kernelsOver } from '../src/engines/event/kernels.ts';

import { addTrace, emptyTally, type SpikeTally, totalSpikes } from '../src/metrics/tally.ts';
import { table } from '../src/report/table.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { type Network, shapesOf, spikingLayers } from '../src/snn/network/network.ts';
import { sizeOf } from '../src/tensor/tensor.ts';
import { arrivals } from './arrivals.ts';
import { CASES, type Case, converted, median, repeated, root } from './cases.ts';
import { stepTime } from './kernel-limit.ts';

const ROUNDS = 25;
/** Images of a round; the ANN is at its best there or a little better elsewhere (bench/run.ts looks). */
const BATCH = 4;

/** Kernels by what they do. */
const PHASES = ['synapses', 'neurons', 'counts', 'other'] as const;
type Phase = (typeof PHASES)[number];

function phaseOf(kernel: string): Phase {
  if (/^(gather|columns|scatter|table|oneToOne|channelwise)/.test(kernel)) return 'synapses';
  if (/^(fire|encode|sum|poolMax|affine|scale|double)/.test(kernel)) return 'neurons';
  return kernel === 'countSpikes' ? 'counts' : 'other';
}

/** Milliseconds by layer and kernel: medians over rounds, since a machine that does other things too stops any of them. */
class Stopwatch {
  /** Rounds of each kernel of each layer. */
  readonly rounds = new Map<string, Map<string, number[]>>();
  private round = -1;
  private layer = '';
  private began = 0;

  /** Kernels that are timed. */
  over(kernels: Kernels): Kernels {
    const timed = Object.entries(kernels).map(([name, run]: [string, (...more: number[]) => number]) => [
      name,
      (...more: number[]) => {
        const began = performance.now();
        const answer = run(...more);
        this.add(name, performance.now() - began);
        return answer;
      },
    ]);
    return Object.fromEntries(timed) as Kernels;
  }

  nextRound(): void {
    this.round++;
  }

  entering(layer: string): void {
    this.leave();
    this.layer = layer;
    this.began = performance.now();
  }

  leave(): void {
    if (this.layer !== '') this.add('whole', performance.now() - this.began);
    this.layer = '';
  }

  total(choose: (kernel: string) => boolean, layer?: string): number {
    let sum = 0;
    for (const [name, kernels] of this.rounds) {
      if (layer !== undefined && name !== layer) continue;
      for (const [kernel, times] of kernels) if (choose(kernel)) sum += median(times);
    }
    return sum;
  }

  private add(kernel: string, time: number): void {
    if (this.round < 0) return;
    const kernels = this.rounds.get(this.layer) ?? new Map<string, number[]>();
    const times = kernels.get(kernel) ?? [];
    times[this.round] = (times[this.round] ?? 0) + time;
    kernels.set(kernel, times);
    this.rounds.set(this.layer, kernels);
  }
}

/** Channels of a layer from which on its share of the kernels' own speed is looked at. */
const WIDE = 64;

/** Milliseconds an image that a layer's convolutions would take by themselves; null where there are none, or it is narrow. */
function limitOf(network: Network, tally: SpikeTally, layer: Network['nodes'][number]): number | null {
  if ((layer.kind !== 'neuron' && layer.kind !== 'readout') || layer.shape[0]! < WIDE) return null;
  const { T } = network.coding;
  const shapes = shapesOf(network);
  const finder = new ConnectionFinder(network);
  const to = layer.kind === 'neuron' ? layer.potentialShape : layer.shape;
  let time = 0;
  for (const connection of layer.sources.flatMap(({ value }) => finder.into(value))) {
    const source = spikingLayers(network).find(
      (node) => 'output' in node && node.output === connection.source,
    );
    if (connection.kind !== 'conv' || connection.group !== 1 || source === undefined) continue;
    const spikes = totalSpikes(tally, source.name) / tally.images / T;
    time += T * stepTime(network, connection, shapes.get(connection.source)!, to, spikes);
  }
  return time === 0 ? null : time;
}

async function bench(entry: Case): Promise<void> {
  const { ann: file, network, images: few } = await converted(entry);
  const session = await openOriginal(file);
  const images = repeated(few, BATCH);
  const plain = new EventNetwork(network);
  const watch = new Stopwatch();
  const watched = new EventNetwork(network, {
    kernels: (memory) => watch.over(kernelsOver(memory)),
    entering: ({ name }) => watch.entering(name),
  });
  const run = { ann: [] as number[], event: [] as number[] };
  const feeds = new Map([[session.inputNames[0]!, images]]);
  const trace = plain.run(images, {});
  watched.run(images, {});
  watch.leave();
  for (let round = 0; round < ROUNDS; round++) {
    watch.nextRound();
    let began = performance.now();
    await session.run(feeds);
    run.ann.push((performance.now() - began) / BATCH);
    began = performance.now();
    plain.run(images, {});
    run.event.push((performance.now() - began) / BATCH);
    watched.run(images, {});
    watch.leave();
  }
  await session.release();
  const per = BATCH;
  const tally = emptyTally();
  addTrace(tally, trace);
  const arriving = arrivals(network, tally);
  const ms = (time: number) => (time / per).toFixed(3);
  const shares: { readonly limit: number; readonly convolving: number }[] = [];
  const rows = [...watch.rounds.keys()].flatMap((layer) => {
    const node = network.nodes.find(({ name, kind }) => name === layer && kind !== 'linear');
    if (node === undefined) return [];
    const synapses = watch.total((kernel) => phaseOf(kernel) === 'synapses', layer);
    const inside = watch.total((kernel) => kernel !== 'whole', layer);
    const whole = watch.total((kernel) => kernel === 'whole', layer);
    const adds = arriving.get(layer) ?? 0;
    const convolving = watch.total((kernel) => /^(gather|columns)/.test(kernel), layer) / per;
    const limit = convolving === 0 ? null : limitOf(network, tally, node);
    if (limit !== null) shares.push({ limit, convolving });
    return [
      [
        layer.slice(-28),
        node.kind,
        node.shape.join('x'),
        ...PHASES.slice(0, 3).map((phase) =>
          ms(watch.total((k) => k !== 'whole' && phaseOf(k) === phase, layer)),
        ),
        ms(whole - inside),
        ms(whole),
        (adds / 1e6).toFixed(2),
        synapses === 0 ? '' : (adds / 1e6 / (synapses / per)).toFixed(1),
        limit === null ? '' : `${Math.round((100 * limit) / convolving)} %`,
      ],
    ];
  });
  const layers = spikingLayers(network);
  const spikes = layers.reduce((sum, { name }) => sum + totalSpikes(tally, name), 0) / BATCH;
  const neurons = layers.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  console.log(`\n${entry.name}: ${network.arithmetic}, ${(spikes / neurons).toFixed(2)} spikes a neuron`);
  console.log(
    table(
      [
        'layer',
        'kind',
        'shape',
        'synapses',
        'neurons',
        'counts',
        'rest',
        'ms',
        'M adds',
        'G adds/s',
        'share',
      ],
      rows,
    ),
  );
  const sum = (of: 'limit' | 'convolving') => shares.reduce((so, share) => so + share[of], 0);
  const reached = ((100 * sum('limit')) / sum('convolving')).toFixed(0);
  console.log(`Layers of ${WIDE} channels and more add at ${reached} % of their kernels' own speed.`);
  const names = [...new Set([...watch.rounds.values()].flatMap((kernels) => [...kernels.keys()]))];
  console.log(names.map((name) => `${name} ${ms(watch.total((kernel) => kernel === name))}`).join(', '));
  const [ann, event] = [median(run.ann), median(run.event)];
  const neuronTime = watch.total((kernel) => kernel !== 'whole' && phaseOf(kernel) === 'neurons') / per;
  console.log(
    `ANN ${ann.toFixed(3)} ms, event ${event.toFixed(2)} ms (neurons ${neuronTime.toFixed(2)}): ` +
      `${(event / (entry.T * ann)).toFixed(2)} x T x ANN`,
  );
}

const [, , chosen = ''] = process.argv;
for (const entry of CASES.filter(({ name }) => name.includes(chosen))) {
  if (existsSync(`${root}${entry.model}`)) await bench(entry);
  else console.log(`${entry.name}: skipped, ${entry.model} is absent`);
}
