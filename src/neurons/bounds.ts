// What a quantizer behind a neuron adds to its function: the range of its levels. A neuron says what it tracks, and
// the bounds are put around it here.
import {
  defineNeuron,
  type EmittedParameters,
  type Neuron,
  type NeuronParameters,
  type Potentials,
} from './neuron.ts';
import type { OnnxEmitter } from './onnx-emitter.ts';

/**
 * The neuron that tracks min(max(f, low), high), either bound open where it is missing. The bounds are those of the value,
 * brought to the scale of h at every step: the code never leaves them, so a saturated neuron has nothing to take back.
 * Bounds held at the scale of the window's end let a neuron that has all of its input early run away (h = 1000 under a
 * bound of 127 with T = 8, Ts = 7 decodes to 253).
 */
export function defineBoundedNeuron<const Name extends string>(free: Neuron<Name>): Neuron<Name> {
  return defineNeuron<Name>({
    ...free,
    parameters: [...free.parameters, 'low', 'high'],
    track(out, h, parameters, scale) {
      free.track(out, h, parameters, scale);
      bound(out, parameters, scale);
    },
    emit: (emitter, h, parameters) => emitBounds(emitter, free.emit(emitter, h, parameters), parameters),
  });
}

function bound(values: Potentials, { low, high }: NeuronParameters, scale: number): void {
  if (low !== undefined)
    for (let i = 0; i < values.length; i++) values[i] = Math.max(values[i]!, low[i]! * scale);
  if (high !== undefined)
    for (let i = 0; i < values.length; i++) values[i] = Math.min(values[i]!, high[i]! * scale);
}

function emitBounds(emitter: OnnxEmitter, value: string, { low, high }: EmittedParameters): string {
  const bounded = low === undefined ? value : emitter.node('Max', [value, low]);
  return high === undefined ? bounded : emitter.node('Min', [bounded, high]);
}
