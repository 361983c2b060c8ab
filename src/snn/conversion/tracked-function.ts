// From what a layer is to carry, in the ANN's units, to what its neurons track: the simplest neuron that does it, with its
// parameters in units of theta.
import { type NeuronName, neuronNamed } from '../../neurons/index.ts';
import { atScale, type ParameterName } from '../../neurons/neuron.ts';
import { type Unit, unitAt } from '../../ops/unit.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import type { PlannedNeuron } from '../plan/planned.ts';

export interface TrackedFunction {
  readonly neuron: NeuronName;
  /** One number for each channel, or one for each neuron. */
  readonly parameters: { readonly [name in ParameterName]?: readonly number[] };
}

/** How far rounding may put a bound beside the end of the code that it stands for. */
const SLACK = 1e-9;

/**
 * The function that the neurons track. A bound that the code cannot pass (K theta) is none: the code saturates there by
 * itself.
 */
export function trackedFunction(planned: PlannedNeuron, theta: Unit, K: number): TrackedFunction {
  const neuron = neuronNamed(planned.neuron);
  const bounds = bindingBounds(planned, theta, K);
  if (!neuron.exact) {
    const own = neuron.parameters.filter((name) => name !== 'low' && name !== 'high');
    const parameters = Object.fromEntries(own.map((name) => [name, inTheta(name, planned, theta)]));
    return { neuron: planned.neuron, parameters: { ...parameters, ...bounds } };
  }
  // The others are bounds and nothing else.
  if (bounds.high === undefined && bounds.low?.every((value) => value === 0)) {
    return { neuron: 'tsa-relu', parameters: {} };
  }
  const none = bounds.low === undefined && bounds.high === undefined;
  return { neuron: none ? 'tsa-identity' : 'tsa-clip', parameters: bounds };
}

/** A parameter of the ANN's function in units of theta; `unit` is 1 there. */
function inTheta(name: ParameterName, { parameters, shape }: PlannedNeuron, theta: Unit): readonly number[] {
  const values = parameters[name] ?? [1];
  const channels = shape[0]!;
  const count = Math.max(values.length, channels);
  const perChannel = values.length > channels ? sizeOf(shape.slice(1)) : 1;
  return Array.from({ length: count }, (_, i) =>
    atScale(name, values[values.length === 1 ? 0 : i]!, 1 / unitAt(theta, Math.floor(i / perChannel))),
  );
}

/** The narrower of the activation's bounds and its quantizer's, where the code does not end before them. */
function bindingBounds(
  { parameters, quantizer, shape }: PlannedNeuron,
  theta: Unit,
  K: number,
): { readonly low?: readonly number[]; readonly high?: readonly number[] } {
  const { low: [ownLow] = [], high: [ownHigh] = [] } = parameters;
  const channels = Array.from({ length: shape[0]! }, (_, c) => {
    const step = quantizer === undefined ? 0 : quantizer.scale[quantizer.scale.length === 1 ? 0 : c]!;
    const unit = unitAt(theta, c);
    const level = (value: number | undefined, open: number) =>
      value === undefined ? open : (value * step) / unit;
    const bound = (value: number | undefined, open: number) => (value ?? open) / unit;
    return {
      low: Math.max(bound(ownLow, Number.NEGATIVE_INFINITY), level(quantizer?.low, Number.NEGATIVE_INFINITY)),
      high: Math.min(
        bound(ownHigh, Number.POSITIVE_INFINITY),
        level(quantizer?.high, Number.POSITIVE_INFINITY),
      ),
    };
  });
  const low = channels.map((channel) => channel.low);
  const high = channels.map((channel) => channel.high);
  return {
    ...(low.some((value) => value > -K * (1 - SLACK)) ? { low } : {}),
    ...(high.some((value) => value < K * (1 - SLACK)) ? { high } : {}),
  };
}
