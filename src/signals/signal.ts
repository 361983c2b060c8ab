// A signal: one or several features sampled at the same times, float64 as measured.
import { Ann2SnnError, throwIfAny } from '../errors.ts';
import { showShape, type Tensor, tensor } from '../tensor/tensor.ts';

export interface Feature {
  readonly name: string;
  /** [time], in the unit of the measurement. */
  readonly values: Float64Array;
}

export interface Signal {
  /** At least one; all of the same length. */
  readonly features: readonly Feature[];
  /** Number of samples of each feature, at least one. */
  readonly time: number;
  /** Whether it came as [time], not as [features, time]: it is written as it came. */
  readonly flat: boolean;
}

/**
 * Makes a signal of a tensor [time] or [features, time]; features are called x0, x1, ... unless `names` says otherwise.
 * @throws Ann2SnnError `invalid-data` for another rank, an empty array, or values that are not finite.
 */
export function signalOf(source: Tensor, where: string, names?: readonly string[]): Signal {
  const { shape, data } = source;
  if (shape.length < 1 || shape.length > 2 || data.length === 0) {
    const message = `expected a signal [time] or [features, time] of at least one sample, found ${showShape(shape)}`;
    throw new Ann2SnnError('invalid-data', { where, message });
  }
  const time = shape.at(-1)!;
  const flat = shape.length === 1;
  const features = Array.from({ length: data.length / time }, (_, f) => ({
    name: names?.[f] ?? `x${f}`,
    values: Float64Array.from(data.subarray(f * time, (f + 1) * time)),
  }));
  expectFinite(features, where);
  return { features, time, flat };
}

/** The signal as a float64 tensor: [time] where it came so, else [features, time]. */
export function signalTensor({ features, time, flat }: Signal): Tensor {
  const data = new Float64Array(features.length * time);
  features.forEach(({ values }, f) => {
    data.set(values, f * time);
  });
  return tensor('float64', flat ? [time] : [features.length, time], data);
}

/**
 * The features of these names, in this order.
 * @throws Ann2SnnError `unknown-name`
 */
export function selectFeatures(signal: Signal, names: readonly string[], where: string): Signal {
  const present = signal.features.map(({ name }) => name);
  throwIfAny(
    'unknown-name',
    names
      .filter((name) => !present.includes(name))
      .map((name) => ({ where, message: `expected features among ${present.join(', ')}, found "${name}"` })),
  );
  const features = names.map((name) => signal.features.find((feature) => feature.name === name)!);
  return { ...signal, features, flat: features.length === 1 };
}

/** Largest departure of a step of time from the mean step, relative: files have few digits. */
const UNEVEN = 0.02;

/** Whether values rise by the same step throughout, as sampling times do. */
export function risesEvenly(values: Float64Array): boolean {
  const step = (values.at(-1)! - values[0]!) / (values.length - 1);
  return (
    values.length > 2 &&
    step > 0 &&
    values.every((value, i) => i === 0 || Math.abs(value - values[i - 1]! - step) <= UNEVEN * step)
  );
}

function expectFinite(features: readonly Feature[], where: string): void {
  const problems = features.flatMap(({ name, values }) => {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return [];
    return {
      where: `${where}: feature ${name}, sample ${at}`,
      message: `expected a number, found ${values[at]}`,
    };
  });
  throwIfAny('invalid-data', problems);
}
