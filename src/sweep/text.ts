// A sweep for people: a table of its rows, or of those that are worth a look.

import type { Interval } from '../metrics/confidence.ts';
import { nearChance } from '../report/near-chance.ts';
import { energy, figure, percent, plural, table } from '../report/table.ts';
import type { Sweep, SweepRow } from './sweep.ts';

/** Above so many rows only those on a front are printed: the others are in the files. */
const MOST_ROWS = 60;

/** The sweep as text. */
export function sweepText(sweep: Sweep): string {
  const { rows, data, model, settings, measured, skipped, coding, engine } = sweep;
  const fronts = rows.filter(({ front }) => front.energy || front.latency || front.opf);
  const shown = rows.length > MOST_ROWS ? fronts : rows;
  const first = rows[0];
  const lines = [
    `${model.file}: ${plural(measured, 'network')} of coding ${coding}, each measured on the first ${plural(data.images, 'image')} of ${data.file}, engine ${engine}`,
    ...(measured < settings ? [`${settings - measured} of ${settings} networks are not measured yet`] : []),
    ...(skipped > 0
      ? [`${plural(skipped, 'combination')} left out: the silent period would not be shorter than T`]
      : []),
    ...(first === undefined ? [] : [annLine(first), ...nearChance(first.annAccuracy, sweep.classes)]),
    ...(shown.length < rows.length ? [`${shown.length} rows that are on a Pareto front:`] : []),
  ];
  if (shown.length === 0) return lines.join('\n');
  return `${lines.join('\n')}\n\n${rowTable(shown)}\n\n${LEGEND}`;
}

const LEGEND = [
  'accuracy with its 95 % interval (Wilson), loss against the ANN with that of paired images; error: of the logits;',
  'residual: 99.9th percentile of |residual| in units of theta, all layers; front: no other row has at least the accuracy for',
  'less e(nergy), l(atency) or o(perations, OPF)',
].join('\n');

function annLine({ annAccuracy, annAccuracyInterval, annEnergyMj, energyModel }: SweepRow): string {
  const accuracy = annAccuracy === null ? '' : `accuracy ${within(annAccuracy, annAccuracyInterval)}, `;
  return `ANN: ${accuracy}${energy(annEnergyMj)} an image (${energyModel})`;
}

function rowTable(rows: readonly SweepRow[]): string {
  return table(
    [
      ...['T', 'beta', 'Ts', 'phi', 'perc.', 'accuracy', 'loss', 'agreement', 'error', 'latency'],
      ...['spikes', 'OPF', 'SyOPs', 'energy', 'residual', 'front'],
    ],
    rows.map((row) => [
      ...[String(row.T), shortNumber(row.beta), String(row.Ts), shortNumber(row.phi), String(row.percentile)],
      within(row.accuracy, row.accuracyInterval),
      within(row.loss, row.lossInterval),
      percent(row.agreement),
      percent(row.logitError),
      String(row.latency),
      figure(row.spikesPerNeuron),
      mega(row.opf),
      mega(row.syops),
      energy(row.energyMj),
      figure(row.residual?.p999 ?? null),
      `${row.front.energy ? 'e' : ''}${row.front.latency ? 'l' : ''}${row.front.opf ? 'o' : ''}`,
    ]),
  );
}

/** Four significant digits. */
export const shortNumber = (value: number) => String(Number(value.toPrecision(4)));

/** Millions, so that rows compare at a glance. */
const mega = (value: number) => `${Number((value / 1e6).toPrecision(4))} M`;

/** "91.40 % [88.6, 93.5]" */
export function within(value: number | null, interval: Interval | null): string {
  if (value === null) return '-';
  if (interval === null) return percent(value);
  const end = (share: number) => (100 * share).toFixed(1);
  return `${percent(value)} [${end(interval.low)}, ${end(interval.high)}]`;
}
