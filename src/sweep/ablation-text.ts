// An ablation for people.
import { figure, percent, plural, table } from '../report/table.ts';
import type { Ablation } from './ablation.ts';
import { shortNumber, within } from './text.ts';

/** The ablation as text. */
export function ablationText({ rows, data, model, coding, engine, variants, measured }: Ablation): string {
  const first = rows[0];
  const lines = [
    `${model.file}: ${plural(measured, 'variant')} of coding ${coding}, each measured on the first ${plural(data.images, 'image')} of ${data.file}, engine ${engine}`,
    ...(measured < variants ? [`${variants - measured} of ${variants} variants are not measured yet`] : []),
  ];
  if (first === undefined) return lines.join('\n');
  const { T, beta, percentile, annAccuracy, annAccuracyInterval } = first;
  lines.push(
    `T ${T}, beta ${shortNumber(beta)}, percentile ${percentile}; ANN ${within(annAccuracy, annAccuracyInterval)}`,
  );
  const cells = rows.map((row) => [
    row.label,
    ...[String(row.Ts), shortNumber(row.phi)],
    within(row.accuracy, row.accuracyInterval),
    percent(row.agreement),
    figure(row.residual?.median ?? null),
    figure(row.residual?.mean ?? null),
    figure(row.residual?.p999 ?? null),
    figure(row.spikesPerNeuron),
    String(row.latency),
    row.source ?? '',
  ]);
  const headings = [
    ...[
      'variant',
      'Ts',
      'phi',
      'accuracy',
      'agreement',
      'median',
      'mean',
      '99.9 %',
      'spikes',
      'latency',
      'in',
    ],
  ];
  return `${lines.join('\n')}\n\n${table(headings, cells)}\n\n${LEGEND}`;
}

const LEGEND =
  'median, mean, 99.9 %: |residual| at the end of the window in units of theta, neurons of all layers';
