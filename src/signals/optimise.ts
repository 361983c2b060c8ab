// Parameters that reconstruct a signal best: a deterministic search with a stated budget.
import { Ann2SnnError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { contextOf, type EncodeOptions, settingsFor } from './encoding.ts';
import { meanSquareError } from './measure.ts';
import { defaultsOf, type NumberParameter, type Values } from './parameter.ts';
import type { Signal } from './signal.ts';
import type { FeatureContext, SignalEncoder } from './signal-encoder.ts';

export interface OptimiseOptions extends EncodeOptions {
  /** Encodings tried for each feature, the one with the given parameters included. Default: 100. */
  readonly trials?: number;
  /** Parameters that stay as given. */
  readonly fixed?: readonly string[];
  /** Encodings done, of how many. */
  readonly progress?: Progress;
}

export const DEFAULT_TRIALS = 100;

/** The search narrows its box around the best point so many times, */
const ROUNDS = 5;
/** to this fraction of the box before. */
const NARROWING = 0.4;

/** A parameter that is searched, with its bounds for one feature. */
interface Axis {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

/** Whether there is anything to search: parameters with a range that matter beside `values` and are not fixed. */
export function isSearchable(
  encoder: SignalEncoder,
  values: Values = defaultsOf(encoder.parameters),
  fixed: readonly string[] = [],
): boolean {
  return searched(encoder, values, fixed).length > 0;
}

/**
 * Finds, for each feature, the parameters with the least mean square error of the reconstruction. It tries the given
 * parameters first, then in five rounds of equal size the points of a low-discrepancy sequence in a box around the best
 * point so far: the whole search range at first, then 0.4 of the box before in every direction. So the result is never worse
 * than the given parameters, and the same every time.
 * @throws Ann2SnnError `invalid-option` where no parameter can be searched.
 */
export function optimiseSignalEncoder(
  encoder: SignalEncoder,
  signal: Signal,
  options: OptimiseOptions = {},
): readonly Values[] {
  const { trials = DEFAULT_TRIALS, fixed = [], progress } = options;
  const settings = settingsFor(encoder, signal, options);
  if (!settings.features.some(({ values }) => isSearchable(encoder, values, fixed))) {
    const message = 'expected a parameter to optimise, found none that has a search range and is not set';
    throw new Ann2SnnError('invalid-option', { where: encoder.name, message });
  }
  const total = trials * signal.features.length;
  return signal.features.map(({ values: samples }, f) => {
    const context = contextOf(settings, f);
    const loss = (values: Values, trial: number) => {
      const spikes = encoder.encode(samples, context, values);
      const error = meanSquareError(encoder.decode(spikes, samples.length, context, values), samples);
      progress?.(f * trials + trial, total);
      return error;
    };
    const given = settings.features[f]!.values;
    return search(axesOf(searched(encoder, given, fixed), context), given, loss, trials);
  });
}

function search(
  axes: readonly Axis[],
  given: Values,
  loss: (values: Values, trial: number) => number,
  trials: number,
): Values {
  const givenError = loss(given, 1);
  if (axes.length === 0) return given;
  // The given point may lie outside the search range, so it wins in the end or not at all.
  let best = { values: given, error: Number.POSITIVE_INFINITY, at: axes.map(() => 0.5) };
  const increments = lowDiscrepancyIncrements(axes.length);
  const perRound = Math.ceil((trials - 1) / ROUNDS);
  for (let trial = 2, round = 0; trial <= trials; round++) {
    const width = NARROWING ** round;
    const corner = best.at.map((x) => Math.min(1 - width, Math.max(0, x - width / 2)));
    for (let i = 1; i <= perRound && trial <= trials; i++, trial++) {
      const at = corner.map((low, axis) => low + width * ((0.5 + i * increments[axis]!) % 1));
      const values = { ...given, ...valuesAt(axes, at) };
      const error = loss(values, trial);
      if (error < best.error) best = { values, error, at };
    }
  }
  return best.error < givenError ? best.values : given;
}

/** The point of the unit cube as parameters. */
function valuesAt(axes: readonly Axis[], at: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    axes.map(({ name, low, high, whole }, i) => {
      const value = low + at[i]! * (high - low);
      return [name, whole ? Math.round(value) : value];
    }),
  );
}

/**
 * Steps of the additive recurrence x[i] = frac(1/2 + i a) that fills a cube of d dimensions evenly: a[k] = g^-(k+1), g the
 * positive root of x^(d+1) = x + 1 (M. Roberts' generalised golden ratio).
 */
function lowDiscrepancyIncrements(d: number): readonly number[] {
  let root = 1.5;
  for (let i = 0; i < 50; i++) root = (1 + root) ** (1 / (d + 1));
  return Array.from({ length: d }, (_, k) => root ** -(k + 1));
}

function searched(
  encoder: SignalEncoder,
  values: Values,
  fixed: readonly string[],
): readonly (readonly [string, NumberParameter])[] {
  return Object.entries(encoder.parameters).flatMap(([name, parameter]) => {
    if (parameter.kind !== 'number' || parameter.search === undefined || fixed.includes(name)) return [];
    const only = Object.entries(parameter.search.only ?? {});
    return only.every(([other, value]) => values[other] === value) ? [[name, parameter] as const] : [];
  });
}

/** Bounds for one feature. A constant one has no scale to search thresholds in. */
function axesOf(
  parameters: readonly (readonly [string, NumberParameter])[],
  { low, high }: FeatureContext,
): readonly Axis[] {
  return parameters.flatMap(([name, { search, whole = false }]) => {
    const scale = search!.ofRange ? high - low : 1;
    return scale > 0 ? { name, low: scale * search!.low, high: scale * search!.high, whole } : [];
  });
}
