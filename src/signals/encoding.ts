// A signal as spikes: encoding feature by feature, and decoding.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';
import { type Range, rangeOf } from './normalise.ts';
import { type Settings, type Values, valuesOf } from './parameter.ts';
import type { Signal } from './signal.ts';
import type { Behaviour, FeatureContext, SignalEncoder } from './signal-encoder.ts';

/** Positions of a feature, a byte each. */
const MOST_POSITIONS = 2 ** 30;

/** All that decoding a feature's spikes takes. */
export interface FeatureSettings {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly first: number;
  readonly values: Values;
}

/** How a signal was encoded, without its spikes. */
export interface EncodingSettings {
  readonly encoder: SignalEncoder;
  readonly behaviour: Behaviour;
  readonly time: number;
  readonly flat: boolean;
  /** All of the same layout. */
  readonly features: readonly FeatureSettings[];
}

export interface SignalEncoding extends EncodingSettings {
  /** Of each feature, [channels, time * steps]: -1, 0, 1. */
  readonly spikes: readonly Int8Array[];
}

export interface EncodeOptions {
  /** Default: `reference`. */
  readonly behaviour?: Behaviour;
  /** Parameters of all features, or of each; defaults for those that are not named. */
  readonly values?: Settings | readonly Settings[];
  /** The range that is normalised, of all features or of each. Default: minimum and maximum of each feature. */
  readonly range?: Range | readonly Range[];
}

/**
 * Encodes every feature of a signal by itself.
 * @throws Ann2SnnError `invalid-option`, naming every parameter that is unknown or out of bounds, or where there are not
 * as many parameters or ranges as features.
 *
 *     const encoding = encodeSignal(signalEncoderNamed('sf'), signal, { values: { threshold: 0.1 } });
 */
export function encodeSignal(
  encoder: SignalEncoder,
  signal: Signal,
  options: EncodeOptions = {},
): SignalEncoding {
  const settings = settingsFor(encoder, signal, options);
  const spikes = signal.features.map(({ values }, f) =>
    encoder.encode(values, contextOf(settings, f), settings.features[f]!.values),
  );
  return { ...settings, spikes };
}

/** The signal that the spikes stand for. Names and shape are those of the signal that was encoded. */
export function decodeSignal(encoding: SignalEncoding): Signal {
  const { encoder, features, time, flat, spikes } = encoding;
  const decoded = features.map(({ name, values }, f) => ({
    name,
    values: encoder.decode(spikes[f]!, time, contextOf(encoding, f), values),
  }));
  return { features: decoded, time, flat };
}

/** What the encoder is told of feature `f`. */
export function contextOf({ features, behaviour }: EncodingSettings, f: number): FeatureContext {
  const { low, high, first } = features[f]!;
  return { low, high, first, index: f, behaviour };
}

/** Spike trains of each feature, and steps of each sample. */
export function layoutOf({ encoder, features }: EncodingSettings): { channels: number; steps: number } {
  return encoder.layout(features[0]!.values);
}

/** What encoding will do, before it does. @throws as `encodeSignal` */
export function settingsFor(
  encoder: SignalEncoder,
  { features, time, flat }: Signal,
  { behaviour = 'reference', values = {}, range }: EncodeOptions,
): EncodingSettings {
  const each = ofEach<Settings>(encoder, values, features.length).map((given) =>
    valuesOf(encoder.parameters, given, `method ${encoder.name}`),
  );
  const ranges = range === undefined ? undefined : ofEach<Range>(encoder, range, features.length);
  const settings: EncodingSettings = {
    encoder,
    behaviour,
    time,
    flat,
    features: features.map(({ name, values: samples }, f) => ({
      name,
      ...(ranges?.[f] ?? rangeOf(samples)),
      first: samples[0]!,
      values: each[f]!,
    })),
  };
  expectPossible(settings);
  return settings;
}

/** Ranges that arithmetic can hold, and trains that memory can. */
function expectPossible(settings: EncodingSettings): void {
  const where = `method ${settings.encoder.name}`;
  const problems: Problem[] = settings.features.flatMap(({ name, low, high }) =>
    Number.isFinite(high - low)
      ? []
      : {
          where: `${where}: feature ${name}`,
          message: `expected a range that float64 holds, found ${low} to ${high}`,
        },
  );
  const { channels, steps } = layoutOf(settings);
  const positions = channels * steps * settings.time;
  if (positions > MOST_POSITIONS) {
    const message = `expected at most ${MOST_POSITIONS} channels x steps x samples of a feature, found ${positions}`;
    problems.push({ where, message });
  }
  throwIfAny('invalid-option', problems);
}

/** What is given for all features, for each. */
function ofEach<T extends object>(
  encoder: SignalEncoder,
  given: T | readonly T[],
  features: number,
): readonly T[] {
  if (!Array.isArray(given)) return Array.from({ length: features }, () => given as T);
  if (given.length === features) return given;
  const message = `expected parameters and ranges of ${features} features, found those of ${given.length}`;
  throw new Ann2SnnError('invalid-option', { where: encoder.name, message });
}
