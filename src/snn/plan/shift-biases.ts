// Conv(x, W, b) -> neurons        becomes        Conv(x, W, b + shift) -> neurons
// Constants added to what layers of neurons integrate, taken into the bias that is there already: it costs nothing.
// Conditions: the current comes from a map with a bias per channel, or from a sum one of whose summands does; nothing else
// reads that summand or its bias.
import { opOf, type ValueId } from '../../graph/graph.ts';
import { tensor } from '../../tensor/tensor.ts';
import type { PlannedLinear, SpikingPlan } from './planned.ts';

/** Shifts in units of the ANN, one for each channel, by layer. */
export type BiasShifts = ReadonlyMap<string, readonly number[]>;

/** The plan with biases shifted; layers without a bias to shift stay as they are. */
export function shiftBiases(plan: SpikingPlan, shifts: BiasShifts): SpikingPlan {
  if (shifts.size === 0) return plan;
  const constants = new Map(plan.graph.constants);
  for (const [layer, shift] of shifts) {
    const bias = biasOf(plan, layer);
    const value = bias === null ? undefined : constants.get(bias);
    if (bias === null || value === undefined || value.data.length !== shift.length) continue;
    const data = Array.from(value.data as Float32Array, (b, channel) => b + shift[channel]!);
    constants.set(bias, tensor('float32', value.shape, data));
  }
  return { ...plan, graph: { ...plan.graph, constants } };
}

/** The constant that is added to each channel of what a layer integrates; null where there is none of its own. */
export function biasOf(plan: SpikingPlan, layer: string): ValueId | null {
  const neuron = plan.nodes.find((node) => node.kind === 'neuron' && node.output === layer);
  if (neuron?.kind !== 'neuron' || neuron.factor !== undefined) return null;
  const producers = new Map(
    plan.nodes.flatMap((node) =>
      node.kind === 'linear' ? node.node.outputs.map((output) => [output, node] as const) : [],
    ),
  );
  const inputs = plan.graph.nodes.flatMap((node) => node.inputs);
  const readers = (value: ValueId) => inputs.filter((input) => input === value).length;
  const biasAt = (value: ValueId): ValueId | null => {
    const producer: PlannedLinear | undefined = producers.get(value);
    if (producer === undefined || readers(value) > 1) return null;
    const { node } = producer;
    if (node.op === 'Add') {
      return node.inputs.reduce<ValueId | null>((found, input) => found ?? biasAt(input), null);
    }
    const bias = node.inputs[2];
    const own = opOf(node).role === 'weighted' && bias !== undefined && readers(bias) === 1;
    return own ? bias : null;
  };
  return biasAt(neuron.input);
}
