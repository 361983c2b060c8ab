// The engine that chooses: each layer by lists of spikes or by ONNX Runtime, or the whole network by the latter, as a plan says
// that is made before the run.

import type { Network } from '../../snn/network/network.ts';
import { dense } from '../dense/index.ts';
import { type CompiledNetwork, defineEngine, type Engine } from '../engine.ts';
import type { EnginePlan } from '../engine-plan.ts';
import { event } from '../event/index.ts';
import { checkPlan, denseKeys, planEngine } from './choose-plan.ts';
import { compileMixed } from './mixed-network.ts';

/** Runs each network as its plan says. */
export const auto = defineEngine({
  name: 'auto',
  summary: 'event or dense, layer by layer, by the rates at which the layers spike',
  plan: planEngine,
  batch: (network) => batchOf(network, planEngine(network)),
  compile: (network) => compileAs(network, planEngine(network)),
});

/**
 * The same with a plan that is given.
 * @param where names the plan where it does not fit a network: then `plan`, `batch` and `compile` throw `invalid-plan`
 */
export function autoWith(plan: EnginePlan, where: string): Engine<'auto'> {
  const checked = (network: Network): EnginePlan => {
    checkPlan(network, plan, where);
    return plan;
  };
  return {
    ...auto,
    plan: checked,
    batch: (network) => batchOf(network, checked(network)),
    compile: async (network) => compileAs(network, checked(network)),
  };
}

/** An engine that has decided for this network, so that nothing is decided twice; itself where it decides nothing. */
export function decided(engine: Engine, network: Network): Engine {
  const plan = engine.plan?.(network);
  return plan === undefined ? engine : autoWith(plan, 'engine plan');
}

function batchOf(network: Network, { neurons }: EnginePlan): number {
  return (neurons === 'dense' ? dense : event).batch(network);
}

async function compileAs(network: Network, plan: EnginePlan): Promise<CompiledNetwork> {
  if (plan.neurons === 'dense') return dense.compile(network);
  const keys = denseKeys(plan);
  return keys.size === 0 ? event.compile(network) : compileMixed(network, keys);
}
