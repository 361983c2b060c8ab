// Encoded signals as text for people.
import type { ComparedEncoder } from '../signals/compare.ts';
import { layoutOf } from '../signals/encoding.ts';
import type { EncodingMetrics, MeasuredEncoding } from '../signals/measure.ts';
import type { Values } from '../signals/parameter.ts';
import { count, energy, figure, percent, plural, table } from './table.ts';

/** Features whose parameters are listed one by one. */
const LISTED_FEATURES = 8;

/** What the text tells of an encoding besides the encoding. */
export interface EncodingRun {
  /** What encoding took, which no file holds because it varies. */
  readonly milliseconds: number;
  /** The error by the corrected rules; null where they are the same or were used. */
  readonly correctedMse: number | null;
  /** Of the search for each feature; 0 where there was none. */
  readonly trials: number;
}

/** One encoding. */
export function encodingText(
  measured: MeasuredEncoding,
  { milliseconds, correctedMse, trials }: EncodingRun,
): string {
  const { encoder, behaviour, features, time } = measured.encoding;
  const { metrics } = measured;
  const { additions, multiplications } = metrics.arithmetic;
  const listed = features.slice(0, LISTED_FEATURES).map(({ name, values }) => [name, settingsText(values)]);
  const more = features.length > LISTED_FEATURES ? [['...', `${features.length} features in all`]] : [];
  const lines = [
    ['method', `${encoder.name}: ${encoder.title}, ${behaviour} rules`],
    ['signal', `${plural(features.length, 'feature')}, ${plural(time, 'sample')}`],
    ...[...listed, ...more].map(([name, text]) => [`  ${name}`, text!]),
    ['search', trials > 0 ? `${plural(trials, 'trial')} for each feature` : 'none   (--optimise searches)'],
    ['MSE', errorText(metrics) + correctedText(correctedMse)],
    ['spikes', `${metrics.spikes}   (${figure(metrics.spikesPerSample)} per sample)`],
    ['sparsity', percent(metrics.sparsity)],
    ['encoding time', `${figure(milliseconds)} ms   (varies)`],
    [
      'encoding energy',
      `${energy(metrics.energyNj * 1e-6)}   (${count(additions)} additions, ${count(multiplications)} multiplications at 45 nm)`,
    ],
  ];
  const width = Math.max(...lines.map(([label]) => label!.length)) + 3;
  return lines.map(([label, text]) => label!.padEnd(width) + text).join('\n');
}

/**
 * The table of a comparison: a row for each encoder, with optimised parameters where there are any.
 * @param milliseconds of each row
 */
export function comparisonText(rows: readonly ComparedEncoder[], milliseconds: readonly number[]): string {
  const chosen = rows.map(({ defaults, optimised }) => (optimised ?? defaults).metrics);
  const cells = rows.map(({ encoder, defaults, optimised }, i) => [
    encoder.name,
    figure(defaults.metrics.mse),
    figure(optimised?.metrics.mse ?? null),
    percent(chosen[i]!.relativeMse),
    figure(chosen[i]!.spikesPerSample),
    String(positions(defaults)),
    percent(chosen[i]!.sparsity),
    figure(milliseconds[i]!),
    energy(chosen[i]!.energyNj * 1e-6),
  ]);
  const headings = [
    'method',
    'MSE, defaults',
    'optimised',
    'of variance',
    'spikes/sample',
    'of positions',
    'sparsity',
    'time, ms',
    'energy',
  ];
  const settings = rows.flatMap(({ encoder, optimised }) =>
    optimised === null || optimised.encoding.features.length > 1
      ? []
      : `${encoder.name.padEnd(6)}${settingsText(optimised.encoding.features[0]!.values)}`,
  );
  return [
    table(headings, cells),
    ranks(rows, milliseconds),
    ...(settings.length > 0 ? [settings.join('\n')] : []),
  ].join('\n\n');
}

/** Which of the encoders with one train of one step a sample is best and worst at what. */
function ranks(all: readonly ComparedEncoder[], milliseconds: readonly number[]): string {
  const rows = all
    .map(({ encoder, defaults, optimised }, i) => ({
      name: encoder.name,
      places: positions(defaults),
      metrics: (optimised ?? defaults).metrics,
      time: milliseconds[i]!,
    }))
    .filter(({ places }) => places === 1);
  if (rows.length < 2) return 'no ranking: fewer than two methods with one position per sample';
  const rank = (what: string, of: (row: (typeof rows)[number]) => number) => {
    const sorted = [...rows].sort((a, b) => of(a) - of(b));
    return `${what.padEnd(16)}${sorted.map(({ name }) => name).join(' < ')}`;
  };
  return [
    rank('error', ({ metrics }) => metrics.mse),
    rank('spikes', ({ metrics }) => metrics.spikes),
    rank('time (varies)', ({ time }) => time),
    rank('energy', ({ metrics }) => metrics.energyNj),
  ].join('\n');
}

/** Places of a spike for each sample: channels times steps. */
function positions({ encoding }: MeasuredEncoding): number {
  const { channels, steps } = layoutOf(encoding);
  return channels * steps;
}

function errorText({ mse, relativeMse }: EncodingMetrics): string {
  return figure(mse) + (relativeMse === null ? '' : `   (${percent(relativeMse)} of the variance)`);
}

function correctedText(mse: number | null): string {
  return mse === null ? '' : `   with --corrected: ${figure(mse)}`;
}

function settingsText(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? figure(value) : value}`)
    .join(', ');
}
