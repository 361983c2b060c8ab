// Parameters that reconstruct a signal best: a deterministic search with a stated budget.
import { Ann2SnnError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { contextOf, type EncodeOptions, settingsFor } from './encoding.ts';
import { meanSquareError } from './measure.ts';
import type { NumberParameter, Values } from './parameter.ts';
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

/** Whether there is anything to search: parameters with a range that are not fixed. */
export function isSearchable(encoder: SignalEncoder, fixed: readonly string[] = []): boolean {
  return searched(encoder, fixed).length > 0;
}

/**
 * Finds, for each feature, the parameters with the least mean square error of the reconstruction. It tries the given
 * parameters first, then in five rounds of equal size the points of a low-discrepancy sequence in a box around the best
 * so far: the whole search range at first, then 0.4 of the box before in every direction. So the result is never worse
 * than the given parameters, and the same every time.
 * @throws Ann2SnnError `invalid-option` where no parameter can be searched.
 */
export function optimiseEncoder(
  encoder: SignalEncoder,
  signal: Signal,
  options: OptimiseOptions = {},
): readonly Values[] {
  const { trials = DEFAULT_TRIALS, fixed = [], progress } = options;
  if (!isSearchable(encoder, fixed)) {
    const message = 'expected a parameter to optimise, found none that has a search range and is not set';
    throw new Ann2SnnError('invalid-option', { where: encoder.name, message });
  }
  const settings = settingsFor(encoder, signal, options);
  const total = trials * signal.features.length;
  return signal.features.map(({ values: samples }, f) => {
    const context = contextOf(settings, f);
    const loss = (values: Values, trial: number) => {
      const spikes = encoder.encode(samples, context, values);
      const error = meanSquareError(encoder.decode(spikes, samples.length, context, values), samples);
      progress?.(f * trials + trial, total);
      return error;
    };
    return search(axesOf(encoder, fixed, context), settings.features[f]!.values, loss, trials);
  });
}

function search(
  axes: readonly Axis[],
  given: Values,
  loss: (values: Values, trial: number) => number,
  trials: number,
): Values {
  let best = { values: given, error: loss(given, 1), at: axes.map(() => 0.5) };
  if (axes.length === 0) return given;
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
  return best.values;
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

function searched(encoder: SignalEncoder, fixed: readonly string[]): readonly [string, NumberParameter][] {
  return Object.entries(encoder.parameters).flatMap(([name, parameter]) =>
    parameter.kind === 'number' && parameter.search !== undefined && !fixed.includes(name)
      ? [[name, parameter] as [string, NumberParameter]]
      : [],
  );
}

/** Bounds for one feature. A constant one has no scale to search thresholds in. */
function axesOf(
  encoder: SignalEncoder,
  fixed: readonly string[],
  { low, high }: FeatureContext,
): readonly Axis[] {
  return searched(encoder, fixed).flatMap(([name, { search, whole = false }]) => {
    const scale = search!.ofRange ? high - low : 1;
    return scale > 0 ? { name, low: scale * search!.low, high: scale * search!.high, whole } : [];
  });
}
