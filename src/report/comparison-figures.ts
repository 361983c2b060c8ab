// The figures of a comparison of codings: accuracy against time steps, latency and energy, one curve for each coding.

import type { TradeOffPoint } from '../metrics/trade-off.ts';
import { type LinePoint, linePlot } from '../plots/line.ts';
import { logScale, type Scale, tickText } from '../plots/scale.ts';
import type { Comparison } from './comparison.ts';
import { ACCURACY, accuracyScale, annLine, stepsScale } from './figures/accuracy-axis.ts';
import type { Figure } from './figures/figure.ts';
import { energy, percent } from './table.ts';

interface Against {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly of: (point: TradeOffPoint) => number;
  readonly label: string;
  readonly format: (value: number) => string;
  readonly scale: (low: number, high: number) => Scale;
  /** What the ANN costs on this axis; null where it has no place there. */
  readonly ann: number | null;
}

/** The figures of a comparison, in the order of its columns. */
export function comparisonFigures(comparison: Comparison): Figure[] {
  const against: readonly Against[] = [
    {
      name: 'accuracy-steps',
      title: 'Accuracy against time steps',
      caption:
        'Steps of the code: of a window where layers have windows of their own, else of the whole run.',
      of: ({ steps }) => steps,
      ...{ label: 'time steps', format: tickText, scale: stepsScale, ann: null },
    },
    {
      name: 'accuracy-latency',
      title: 'Accuracy against latency',
      caption: 'Time steps from the entry of an image to its answer.',
      of: ({ latency }) => latency,
      ...{ label: 'latency, time steps', format: tickText, scale: stepsScale, ann: null },
    },
    {
      name: 'accuracy-energy',
      title: 'Accuracy against energy',
      caption: `Energy of one image by arithmetic alone: ${comparison.energyModel}.`,
      of: ({ energyMj }) => energyMj,
      ...{ label: 'energy per image, arithmetic only', format: energy },
      scale: (low, high) => logScale(low, high, 5),
      ann: comparison.ann.energyMj,
    },
  ];
  return against.flatMap((one) => figureOf(comparison, one) ?? []);
}

function figureOf({ curves, ann, data }: Comparison, against: Against): Figure | null {
  const { name, title, of, label, format, scale } = against;
  const series = curves
    .map((curve) => ({
      label: curve.name,
      points: curve.points
        .filter((point) => of(point) > 0)
        .sort((a, b) => of(a) - of(b))
        .map((point): LinePoint => {
          const { accuracy } = point;
          const told = `${curve.name}, ${point.label}: ${percent(accuracy)} at ${format(of(point))}`;
          return { x: of(point), y: accuracy, name: told };
        }),
    }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return null;
  const annPoint = { x: against.ann ?? 0, y: ann.accuracy, name: `ANN: ${percent(ann.accuracy)}` };
  const own = annPoint.x > 0 ? [{ label: 'ANN, at its energy', points: [annPoint] }] : [];
  const all = [...series, ...own].flatMap(({ points }) => points);
  const xs = all.map(({ x }) => x);
  const description = [
    `ANN: ${percent(ann.accuracy)}.`,
    ...series.map(
      (one) => `${one.label}: ${one.points.map(({ x, y }) => `${percent(y)} at ${format(x)}`).join(', ')}.`,
    ),
  ].join(' ');
  return {
    ...{ name, title, description, caption: `${against.caption} ${data.images} images.` },
    draw: (theme) =>
      linePlot(
        {
          ...{ id: name, title, description },
          x: { label, format, scale: scale(Math.min(...xs), Math.max(...xs)) },
          y: { ...ACCURACY, scale: accuracyScale(all, ann.accuracy) },
          series: [...series, ...own],
          references: annLine(ann.accuracy),
        },
        theme,
      ),
    table: {
      headings: ['Coding', label, 'Accuracy'],
      rows: series.flatMap((one) => one.points.map(({ x, y }) => [one.label, format(x), percent(y)])),
    },
  };
}
