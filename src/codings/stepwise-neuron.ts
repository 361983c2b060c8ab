// One neuron of CSS or SWS by itself: what it emits for a range of values that an encoder sends it.
import type { SpikingEncoder } from '../encoders/encoder.ts';
import { encoderNamed } from '../encoders/index.ts';
import { kappa } from '../encoders/kappa.ts';
import { SpikeEncoder } from '../encoders/spike-encoder.ts';
import { TsaPopulation } from '../neurons/tsa.ts';
import { tsaRelu } from '../neurons/tsa-relu.ts';
import type { Coding } from '../snn/network/coding.ts';
import type { NeuronResponse } from './single-neuron.ts';

/**
 * The responses of a TSA-ReLU neuron with a weight of 1, behind the coding's encoder; the codes of both reach up to 1.
 * A value's spikes are those of the window, T + Ts steps.
 */
export function stepwiseResponses(coding: Coding, values: readonly number[]): NeuronResponse[] {
  const { T, Ts, beta, phi } = coding;
  const amplitude = 1 / kappa(T, beta);
  const n = values.length;
  const population = new TsaPopulation({ neuron: tsaRelu, T, Ts, beta, phi }, n, n);
  const encoder = inputEncoder(coding, amplitude, values);
  const current = new Float32Array(n);
  const fired = new Float32Array(n);
  const spikes: number[][] = values.map(() => []);
  for (let t = 1; t <= T + Ts; t++) {
    if (t <= T) encoder.step(current);
    population.step(t, current, fired);
    for (let i = 0; i < n; i++) spikes[i]!.push(fired[i]!);
  }
  const { decoded } = population.atEnd();
  return values.map((value, i) => ({ value, spikes: spikes[i]!, decoded: decoded[i]! * amplitude }));
}

/** The spikes that an encoder makes of values, and what they decode to; its code reaches up to 1. */
export function encoderResponses(
  coding: Pick<Coding, 'T' | 'beta' | 'encoder'>,
  values: readonly number[],
): NeuronResponse[] {
  const { T, beta } = coding;
  const amplitude = 1 / kappa(T, beta);
  const encoder = inputEncoder(coding, amplitude, values);
  const fired = new Float32Array(values.length);
  const trains = Array.from({ length: T }, () => {
    encoder.step(fired);
    return fired.slice();
  });
  return values.map((value, i) => {
    const spikes = trains.map((train) => train[i]!);
    const decoded = amplitude * spikes.reduce((sum, spike) => beta * sum + spike, 0);
    return { value, spikes, decoded };
  });
}

function inputEncoder(
  { T, beta, encoder }: Pick<Coding, 'T' | 'beta' | 'encoder'>,
  amplitude: number,
  values: readonly number[],
): SpikeEncoder {
  const spiking = encoderNamed(encoder) as SpikingEncoder;
  return new SpikeEncoder(spiking, { T, beta }, amplitude, Float32Array.from(values));
}
