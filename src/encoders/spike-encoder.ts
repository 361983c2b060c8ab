// The recursion that all spiking encoders share, in float32 after every operation. It runs in the units of the analog
// value: dividing by theta first would round pixels that lie exactly between two codes to another side.
import type { SpikingEncoder } from './encoder.ts';

const { fround } = Math;

/** The constants of the recursion, as float32. */
export function encoderConstants(
  encoder: SpikingEncoder,
  coding: { readonly T: number; readonly beta: number },
  theta: number,
) {
  const { initial, current, growth } = encoder.drive(coding.T, coding.beta);
  return {
    initial: fround(initial),
    current: fround(current),
    growth: fround(growth),
    threshold: fround(theta / 2),
    amplitude: fround(theta),
  };
}

/** Encodes one window of T steps. */
export class SpikeEncoder {
  private readonly u: Float32Array;
  private readonly input: Float32Array;
  private readonly constants: ReturnType<typeof encoderConstants>;

  /** @param values analog values in the ANN's units, as theta is */
  constructor(
    encoder: SpikingEncoder,
    coding: { readonly T: number; readonly beta: number },
    theta: number,
    values: Float32Array,
  ) {
    this.constants = encoderConstants(encoder, coding, theta);
    this.u = values.map((a) => a * this.constants.initial);
    this.input = values.map((a) => a * this.constants.current);
  }

  /** Advances by one step; `spikes` receives -1, 0 or +1 for each value. */
  step(spikes: Float32Array | Float64Array): void {
    const { u, input } = this;
    const { growth, threshold, amplitude } = this.constants;
    for (let i = 0; i < u.length; i++) {
      const v = fround(fround(growth * u[i]!) + input[i]!);
      const s = v >= threshold ? 1 : v <= -threshold ? -1 : 0;
      u[i] = v - s * amplitude;
      spikes[i] = s;
    }
  }
}

/** The value at the first step of a window, silence after it. */
export class DirectInput {
  private readonly values: Float32Array;
  private entered = false;

  constructor(values: Float32Array) {
    this.values = values;
  }

  /** Advances by one step. */
  step(out: Float32Array | Float64Array): void {
    if (this.entered) out.fill(0);
    else out.set(this.values);
    this.entered = true;
  }
}
