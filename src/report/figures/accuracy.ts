// Accuracy against what it costs, and after each readout step.

import { wilsonInterval } from '../../metrics/confidence.ts';
import type { TradeOffPoint } from '../../metrics/trade-off.ts';
import { type LinePoint, linePlot } from '../../plots/line.ts';
import { logScale, roundedScale, type Scale, tickText } from '../../plots/scale.ts';
import type { PageData } from '../page-data.ts';
import { energy, percent } from '../table.ts';
import { ACCURACY, accuracyScale, annLine, stepsScale } from './accuracy-axis.ts';
import { type DataTable, type Figure, type FigureOf, shown } from './figure.ts';

/** Accuracy against latency. */
export const accuracyLatency: FigureOf = (data) =>
  tradeOff(data, {
    name: 'accuracy-latency',
    title: 'Accuracy against latency',
    caption:
      'Each point is the network converted with another number of coding steps T. Latency counts the time steps from the entry of an image to its answer. Vertical lines are 95 % intervals.',
    of: ({ latency }) => latency,
    unit: (latency) => `${latency} steps`,
    axis: { label: 'latency, time steps', format: tickText },
    scale: stepsScale,
    ann: null,
  });

/** Accuracy against energy. */
export const accuracyEnergy: FigureOf = (data) =>
  tradeOff(data, {
    name: 'accuracy-energy',
    title: 'Accuracy against energy',
    caption: `Energy of one image by arithmetic alone. ${data.energy.columns[0]!.rule}. Memory accesses are not in it: see the energy section for what they change.`,
    of: ({ energyMj }) => energyMj,
    unit: energy,
    axis: { label: 'energy per image, arithmetic only', format: energy },
    scale: (low, high) => logScale(low, high, 5),
    ann: data.energy.columns[0]!.annMj,
  });

interface Against {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly of: (point: TradeOffPoint) => number;
  readonly unit: (value: number) => string;
  readonly axis: { readonly label: string; readonly format: (value: number) => string };
  readonly scale: (low: number, high: number) => Scale;
  /** What the ANN costs on this axis; null where it has no place there. */
  readonly ann: number | null;
}

function tradeOff(data: PageData, against: Against): Figure | null {
  const curves = data.curves.filter(({ points }) => points.some((point) => against.of(point) > 0));
  if (curves.length === 0) return null;
  const accuracy = data.report.ann.accuracy;
  const series = curves.map(({ label, points }) => ({
    label,
    points: [...points]
      .sort((a, b) => against.of(a) - against.of(b))
      .map((point): LinePoint => {
        const interval = wilsonInterval(Math.round(point.accuracy * point.images), point.images);
        return {
          ...{ x: against.of(point), y: point.accuracy },
          ...(interval === null ? {} : { interval }),
          name: `${label}, ${point.label}: ${percent(point.accuracy)} at ${against.unit(against.of(point))}`,
        };
      }),
  }));
  const annSeries =
    accuracy === null || against.ann === null || against.ann <= 0
      ? []
      : [
          {
            label: 'ANN, at its energy',
            points: [
              {
                ...{ x: against.ann, y: accuracy },
                name: `ANN: ${percent(accuracy)} at ${against.unit(against.ann)}`,
              },
            ],
          },
        ];
  const all = [...series, ...annSeries].flatMap(({ points }) => points as readonly LinePoint[]);
  const xs = all.map(({ x }) => x);
  const description = [
    ...(accuracy === null ? [] : [`ANN: ${percent(accuracy)}.`]),
    ...curves.map(
      ({ label, points }) =>
        `${label}: ${points.map((point) => `${percent(point.accuracy)} at ${against.unit(against.of(point))}`).join(', ')}.`,
    ),
  ].join(' ');
  return {
    ...{ name: against.name, title: against.title, caption: against.caption, description },
    draw: (theme) =>
      linePlot(
        {
          ...{ id: against.name, title: against.title, description },
          x: { ...against.axis, scale: against.scale(Math.min(...xs), Math.max(...xs)) },
          y: { ...ACCURACY, scale: accuracyScale(all, accuracy) },
          series: [...series, ...annSeries],
          references: annLine(accuracy),
        },
        theme,
      ),
    table: curveTable(data),
  };
}

/** Accuracy after each readout step. */
export const accuracySteps: FigureOf = (data) => {
  const { accuracyPerStep } = data.report.snn;
  if (accuracyPerStep === null) return null;
  const { accuracy } = data.report.ann;
  const words = {
    title: 'Accuracy at every readout step',
    description: `${accuracy === null ? '' : `ANN: ${percent(accuracy)}. `}Spiking network, from the first step to the last: ${accuracyPerStep.map((one) => percent(one)).join(', ')}.`,
  };
  const points = accuracyPerStep.map((y, i) => ({ x: i + 1, y, name: `step ${i + 1}: ${percent(y)}` }));
  return {
    ...{ name: 'accuracy-steps', ...words },
    caption: 'How good the answer is if it is taken before the window of the output ends.',
    draw: (theme) =>
      linePlot(
        {
          ...{ id: 'accuracy-steps', ...words },
          x: { scale: wholeSteps(points.length), label: 'readout step', format: tickText },
          y: { ...ACCURACY, scale: accuracyScale(points, accuracy) },
          series: [{ label: 'spiking network', points }],
          references: annLine(accuracy),
        },
        theme,
      ),
    table: {
      headings: ['Step', 'Accuracy'],
      rows: points.map(({ x }, i) => [
        String(x),
        shown<number>(data, `report.snn.accuracyPerStep.${i}`, percent),
      ]),
    },
  };
};

/** Steps 1 to T with a tick at whole ones alone. */
function wholeSteps(T: number): Scale {
  const scale = roundedScale(1, Math.max(2, T), 8);
  const linear = (value: number) => (value - 0.5) / T;
  return {
    kind: 'linear',
    domain: [0.5, T + 0.5],
    at: linear,
    ticks: scale.ticks.filter((tick) => Number.isInteger(tick) && tick >= 1 && tick <= T),
  };
}

function curveTable(data: PageData): DataTable {
  return {
    headings: ['Coding', 'Setting', 'Accuracy', 'Latency, steps', 'Energy', 'Spikes per neuron', 'Agreement'],
    rows: data.curves.flatMap(({ label, points }, c) =>
      points.map((_, p) => {
        const at = `curves.${c}.points.${p}`;
        return [
          label,
          shown<string>(data, `${at}.label`),
          shown<number>(data, `${at}.accuracy`, percent),
          shown<number>(data, `${at}.latency`),
          shown<number>(data, `${at}.energyMj`, energy),
          shown<number>(data, `${at}.spikesPerNeuron`, (rate) => rate.toFixed(2)),
          shown<number>(data, `${at}.agreement`, percent),
        ];
      }),
    ),
  };
}
