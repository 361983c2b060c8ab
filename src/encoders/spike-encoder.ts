// The recursion that all encoders share, in float32 after every operation.
import type { Encoder } from './encoder.ts';

const { fround } = Math;

/** Half the amplitude, whatever fraction of theta the layers use. */
export const ENCODER_THRESHOLD = 0.5;

/** The factors that multiply an analog value before the first step and at every step, as float32. */
export function driveOf(encoder: Encoder, T: number, beta: number, theta: number) {
  const { initial, current } = encoder.drive(T, beta);
  return { initial: fround(initial / theta), current: fround(current / theta) };
}

/** Encodes one window of T steps. */
export class SpikeEncoder {
  private readonly u: Float32Array;
  private readonly input: Float32Array;
  private readonly beta: number;

  /** @param values analog values in the ANN's units */
  constructor(encoder: Encoder, coding: { readonly T: number; readonly beta: number }, theta: number, values: Float32Array) {
    const { initial, current } = driveOf(encoder, coding.T, coding.beta, theta);
    this.beta = fround(coding.beta);
    this.u = values.map((a) => a * initial);
    this.input = values.map((a) => a * current);
  }

  /** Advances by one step; `spikes` receives -1, 0 or +1 for each value. */
  step(spikes: Float32Array): void {
    const { u, input, beta } = this;
    for (let i = 0; i < u.length; i++) {
      const v = fround(fround(beta * u[i]!) + input[i]!);
      const s = v >= ENCODER_THRESHOLD ? 1 : v <= -ENCODER_THRESHOLD ? -1 : 0;
      u[i] = v - s;
      spikes[i] = s;
    }
  }
}
