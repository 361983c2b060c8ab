// What stepping a graph costs: the true fan-out of every spike, and products wherever analog numbers meet weights.
import { sizeOf } from '../../tensor/tensor.ts';
import { eachConnection } from './linear-map.ts';
import { fires, isStateful } from './neuron-model.ts';
import { isWeighted, type Program, type Stage } from './program.ts';

/** Operations of one image over all its steps. */
export interface NirOperations {
  /** SyOPs: one accumulate for each spike and synapse that it reaches, zero weights and borders being none. */
  readonly acs: number;
  /** Products of weights with analog numbers, at every step. */
  readonly macs: number;
  /** The same, with what is the same at every step multiplied once and held. */
  readonly macsOnce: number;
  /** Membrane updates: neurons times steps. In none of the above. */
  readonly neuronUpdates: number;
}

/** The populations that spike, in the order of computation. */
export function spikingStages({ stages }: Program): readonly Stage[] {
  return [...stages.values()].filter(({ node }) => fires(node));
}

/**
 * Accumulates that a spike of each element of each spiking population causes: the non-zero weights that it reaches through
 * pools, scales and shapes, which are part of the connection; 1 where it reaches a membrane or the output without weights.
 */
export function nirFanOuts(program: Program): ReadonlyMap<string, Float64Array> {
  const reached = new Map<string, Float64Array>();
  const beyond = (stage: Stage): Float64Array => {
    const known = reached.get(stage.name);
    if (known !== undefined) return known;
    const sum = new Float64Array(sizeOf(stage.shape));
    for (const name of stage.consumers) {
      const consumer = program.stages.get(name)!;
      const cost = into(consumer, beyond);
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + (cost?.[i] ?? 1);
    }
    reached.set(stage.name, sum);
    return sum;
  };
  return new Map(spikingStages(program).map((stage) => [stage.name, beyond(stage)] as const));
}

/** Accumulates for a spike at each element of a stage's input; null for one each. */
function into(stage: Stage, beyond: (stage: Stage) => Float64Array): Float64Array | null {
  const { map, reads, node } = stage;
  if (map === null || node.type === 'Output') return null;
  if (isWeighted(node)) {
    // What comes in mixed with analog numbers is multiplied, and counted there.
    return reads === 'spikes' ? synapses(stage) : new Float64Array(sizeOf(stage.inputShape));
  }
  const further = beyond(stage);
  const out = new Float64Array(sizeOf(stage.inputShape));
  for (let i = 0; i < out.length; i++) {
    eachConnection(map, i, (target) => {
      out[i] = out[i]! + further[target]!;
    });
  }
  return out;
}

/** Non-zero weights out of each input element. */
function synapses({ map, inputShape }: Stage): Float64Array {
  const out = new Float64Array(sizeOf(inputShape));
  for (let i = 0; i < out.length; i++) {
    eachConnection(map!, i, () => {
      out[i] = out[i]! + 1;
    });
  }
  return out;
}

/**
 * @param spikesPerNeuron spikes of each element of each spiking population, per image
 * @param steps T
 */
export function nirOperations(
  program: Program,
  fanOuts: ReadonlyMap<string, Float64Array>,
  spikesPerNeuron: ReadonlyMap<string, Float64Array>,
  steps: number,
): NirOperations {
  let acs = 0;
  for (const [name, spikes] of spikesPerNeuron) {
    const reach = fanOuts.get(name)!;
    for (let i = 0; i < spikes.length; i++) acs += spikes[i]! * reach[i]!;
  }
  let macs = 0;
  let macsOnce = 0;
  let updates = 0;
  for (const stage of program.stages.values()) {
    if (isStateful(stage.node)) updates += steps * sizeOf(stage.shape);
    const products = productsOf(stage);
    macs += steps * products;
    macsOnce += (stage.reads === 'held' ? 1 : steps) * products;
  }
  return { acs, macs, macsOnce, neuronUpdates: updates };
}

/** Names of the nodes that multiply analog numbers. */
export function multiplyingStages({ stages }: Program): readonly string[] {
  return [...stages.values()].filter((stage) => productsOf(stage) > 0).map(({ name }) => name);
}

/** Products of one step: 0 where spikes come in, and for factors of 1 and -1. */
function productsOf(stage: Stage): number {
  const { node, reads, map } = stage;
  if (reads === 'spikes') return 0;
  if (isWeighted(node)) return synapses(stage).reduce((sum, n) => sum + n, 0);
  if (node.type !== 'Scale') return 0;
  let products = 0;
  for (let i = 0; i < sizeOf(stage.inputShape); i++) {
    eachConnection(map!, i, (_, weight) => {
      if (Math.abs(weight) !== 1) products++;
    });
  }
  return products;
}
