// Which unit each current is wanted in, so that it need not be rescaled where it is read.
import { imageShape, opOf, type ValueId } from '../../graph/graph.ts';
import type { Unit } from '../../ops/unit.ts';
import type { SpikingPlan } from '../plan/planned.ts';
import { keepsChannels } from './channels.ts';
import type { Amplitudes } from './check-conversion.ts';

/**
 * The unit in which each value's readers want it, walking backwards from the neurons (theta of the layer) and
 * readouts (1). A value that only weighted maps read is free: their weights take any unit in.
 */
export function wantedUnits(plan: SpikingPlan, amplitudes: Amplitudes): ReadonlyMap<ValueId, Unit> {
  const wanted = new Map<ValueId, Unit>();
  const want = (value: ValueId, unit: Unit | undefined) => {
    if (unit !== undefined && !wanted.has(value)) wanted.set(value, unit);
  };
  for (const planned of plan.nodes.toReversed()) {
    if (planned.kind === 'neuron') {
      want(planned.input, amplitudes.get(planned.output)!);
      if (planned.factor !== undefined) want(planned.factor, 1);
    } else if (planned.kind === 'readout' || planned.kind === 'decoder') want(planned.input, 1);
    else if (planned.kind === 'linear') {
      const { node } = planned;
      const unit = wanted.get(node.outputs[0]!);
      if (opOf(node).absorbsUnits !== undefined || unit === undefined) continue;
      for (const input of node.inputs) {
        if (plan.graph.constants.has(input)) continue;
        const image = imageShape(plan.graph, input);
        if (typeof unit === 'number' || keepsChannels(node, image, planned.shape)) want(input, unit);
      }
    }
  }
  return wanted;
}
