// Small signals and one-line encodings for the tests of this folder.
import { decodeSignal, encodeSignal } from '../../src/signals/encoding.ts';
import { signalEncoderNamed } from '../../src/signals/index.ts';
import type { Signal } from '../../src/signals/signal.ts';
import type { Behaviour } from '../../src/signals/signal-encoder.ts';

/** A signal of these features. */
export function signalFrom(...features: readonly ArrayLike<number>[]): Signal {
  return {
    features: features.map((values, f) => ({ name: `x${f}`, values: Float64Array.from(values) })),
    time: features[0]!.length,
    flat: features.length === 1,
  };
}

export interface Rules {
  readonly behaviour?: Behaviour;
  readonly range?: { readonly low: number; readonly high: number };
}

/** Encodes with the given parameters, defaults for the rest. */
export function encodeBy(
  method: string,
  signal: Signal,
  given: Readonly<Record<string, unknown>> = {},
  rules: Rules = {},
) {
  return encodeSignal(signalEncoderNamed(method), signal, { ...rules, values: given });
}

/** Where the first feature spikes up and down, and what its spikes decode to. */
export function codedBy(
  method: string,
  values: readonly number[],
  given: Readonly<Record<string, unknown>> = {},
  rules: Rules = {},
) {
  const encoding = encodeBy(method, signalFrom(values), given, rules);
  const spikes = [...encoding.spikes[0]!];
  const stepsOf = (spike: number) => spikes.flatMap((s, t) => (s === spike ? [t] : []));
  return {
    up: stepsOf(1),
    down: stepsOf(-1),
    decoded: [...decodeSignal(encoding).features[0]!.values],
  };
}
