// Neurons whose function is not homogeneous: it must see the ANN's value, not the potential. With unit = theta / scale,
// what one unit of h is worth, they track f(h unit) / unit. What has arrived at step t is the value but for the steps to
// come, so f is followed from the first spike on, and exact at t = T + Ts.
import type { ParameterValues } from '../ops/op.ts';
import { defineBoundedNeuron } from './bounds.ts';
import type { EmittedParameters, Neuron, NeuronParameters, ParameterName } from './neuron.ts';
import type { OnnxEmitter } from './onnx-emitter.ts';

interface ScalarNeuron<Name extends string> {
  readonly name: Name;
  readonly summary: string;
  readonly operators: readonly string[];
  /** What f depends on besides x. */
  readonly parameters?: readonly ParameterName[];
  monotone(parameters: ParameterValues): boolean;
  caution?(parameters: ParameterValues): string | undefined;
  /** y = f(x) in the ANN's units, with the parameters of neuron i. */
  f(x: number, parameters: NeuronParameters, i: number): number;
  emit(emitter: OnnxEmitter, x: string, parameters: EmittedParameters): string;
}

/** The neuron that tracks a function of the ANN's value, between bounds where a quantizer behind it has some. */
export function defineScalarNeuron<const Name extends string>({
  f,
  emit,
  parameters = [],
  ...more
}: ScalarNeuron<Name>): Neuron<Name> {
  return defineBoundedNeuron<Name>({
    ...more,
    parameters: ['unit', ...parameters],
    exact: false,
    track(out, h, given, scale) {
      const { unit } = given;
      for (let i = 0; i < out.length; i++) {
        const worth = unit![i]! / scale;
        out[i] = f(h[i]! * worth, given, i) / worth;
      }
    },
    emit(emitter, h, given) {
      const y = emit(emitter, emitter.node('Mul', [h, given.unit!]), given);
      return emitter.node('Div', [y, given.unit!]);
    },
  });
}

/** For functions that never decrease, and for those that do. */
export const always = () => true;
export const never = () => false;
