// `npm run bench:layers [name]`: where the event engine spends its time, layer by layer and kernel by kernel, beside the
// plain ANN in ONNX Runtime on one thread, and what share of their own speed (kernel-limit.ts) the kernels of convolutions
// reach in the network. `name` is a part of the names of the cases to run. Reading the clock around
// every kernel costs some time, so the sums are larger than the undisturbed total, which is printed too.
import { existsSync } from 'node:fs';
import { kernelsOver } from '../src/engines/event/compiled-kernels.ts';
import { EventNetwork } from '../src/engines/event/event-network.ts';

import { addTrace, emptyTally, totalSpikes } from '../src/metrics/tally.ts';
import { table } from '../src/report/table.ts';
import { openOriginal } from '../src/runtime/original.ts';
import { spikingLayers } from '../src/snn/network/network.ts';
import { sizeOf } from '../src/tensor/tensor.ts';
import { arrivals } from './arrivals.ts';
import { CASES, type Case, converted, median, repeated, root } from './cases.ts';
import { limitOf, WIDE } from './kernel-limit.ts';
import { PHASES, phaseOf, Stopwatch } from './stopwatch.ts';

const ROUNDS = 25;
/** Images of a round; the ANN is at its best there or a little better elsewhere (bench/run.ts looks). */
const BATCH = 4;

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
