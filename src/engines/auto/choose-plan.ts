// Which layers are walked by spikes and which are computed densely: decided once, before the run, from the spike rates that
// the network stores and the committed cost table, so that every worker runs the same.
import { type Problem, throwIfAny } from '../../errors.ts';
import type { Network } from '../../snn/network/network.ts';
import { dense } from '../dense/index.ts';
import type { EnginePlan } from '../engine-plan.ts';
import { walkable } from '../event/one-sided.ts';
import { costTable } from './cost-table.ts';
import { costOf } from './costs.ts';
import { denseLayers } from './dense-layers.ts';
import { encoderWork, layerWorks, wholeWork } from './layer-work.ts';
import { membraneNodes } from './membrane-nodes.ts';
import { spikeRates } from './spike-rates.ts';

/**
 * By how much, as a share, another way of running must be cheaper than lists of spikes: below that, the table's error decides
 * more than its figures.
 */
const MARGIN = 0.25;

/** The plan by the cost table. A function of the network alone. */
export function planEngine(network: Network): EnginePlan {
  const prices = costTable[network.arithmetic];
  const rates = spikeRates(network);
  const works = layerWorks(network, rates);
  const encoders = costOf(encoderWork(network, rates), prices);
  let event = encoders;
  let mixed = encoders;
  const layers = [...membraneNodes(network)].map(([key, { kind, name }]): EnginePlan['layers'][number] => {
    const work = works.get(key)!;
    const [neurons, bySpikes] = [costOf(work.neurons, prices), costOf(work.event, prices)];
    const densely = work.dense === null ? Number.POSITIVE_INFINITY : costOf(work.dense, prices);
    const currents = densely < (1 - MARGIN) * bySpikes ? 'dense' : 'event';
    event += neurons + bySpikes;
    mixed += neurons + (currents === 'dense' ? densely : bySpikes);
    return { kind, name, currents };
  });
  const whole = costOf(wholeWork(network, dense.batch(network)), prices);
  const neurons = whole < mixed || !walkable(network) ? 'dense' : 'event';
  const milliseconds = (ns: number) => Number((ns / 1e6).toPrecision(3));
  return {
    neurons,
    layers: neurons === 'dense' ? layers.map((layer) => ({ ...layer, currents: 'dense' })) : layers,
    expected: {
      plan: milliseconds(neurons === 'dense' ? whole : mixed),
      event: milliseconds(event),
      dense: milliseconds(whole),
    },
    assumed: rates.assumed.length,
  };
}

/** Keys of the layers that a plan computes densely, neurons aside. */
export function denseKeys({ layers }: EnginePlan): ReadonlySet<string> {
  return new Set(
    layers.flatMap(({ kind, name, currents }) => (currents === 'dense' ? [`${kind} ${name}`] : [])),
  );
}

/**
 * Checks that a plan is one of this network's.
 * @param where the plan's file
 * @throws Ann2SnnError `invalid-plan` naming every layer that is missing, unknown, or must not be dense.
 */
export function checkPlan(network: Network, plan: EnginePlan, where: string): void {
  const problems: Problem[] = [];
  const known = membraneNodes(network);
  const given = new Set<string>();
  const mayBeDense = denseLayers(network);
  for (const { kind, name, currents } of plan.layers) {
    const key = `${kind} ${name}`;
    const problem = (message: string) => problems.push({ where: `${where}: ${kind} "${name}"`, message });
    if (!known.has(key)) problem('expected a layer of the network, found none of that kind and name');
    else if (given.has(key)) problem('expected every layer once, found it twice');
    else if (currents === 'event' && plan.neurons === 'dense')
      problem('expected "dense" where the neurons are, found "event"');
    else if (currents === 'dense' && plan.neurons === 'event' && !mayBeDense.has(key))
      problem('expected "event": its whole numbers are more than float32 holds, found "dense"');
    given.add(key);
  }
  for (const [key, { kind, name }] of known) {
    if (!given.has(key)) {
      problems.push({
        where: `${where}: ${kind} "${name}"`,
        message: 'expected every layer, found it missing',
      });
    }
  }
  throwIfAny('invalid-plan', problems);
}
