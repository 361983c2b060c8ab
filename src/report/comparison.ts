// Codings side by side on one network: what each needs to come near the ANN, and the columns of the CSS paper's tables.
import type { TradeOffCurve, TradeOffPoint } from '../metrics/trade-off.ts';
import { nearChance } from './near-chance.ts';
import { count, energy, figure, percent, table } from './table.ts';

/** Losses, in points of accuracy, that the comparison asks steps for. */
export const TOLERANCES = [1, 0.1] as const;

export interface Comparison {
  readonly model: { readonly file: string; readonly sha256: string };
  readonly data: { readonly file: string; readonly sha256: string; readonly images: number };
  readonly calibrationImages: number;
  /** The ANN on the same images: effective MACs, float32. */
  readonly ann: {
    readonly accuracy: number;
    readonly classes: number;
    readonly macs: number;
    readonly energyMj: number;
  };
  readonly curves: readonly TradeOffCurve[];
  /** For each tolerance, what each coding needs, in the order of the curves. */
  readonly needs: readonly {
    readonly points: number;
    readonly codings: readonly { readonly name: string; readonly point: TradeOffPoint | null }[];
  }[];
  /** Codings that cannot carry the network, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reasons: readonly string[] }[];
  readonly energyModel: string;
}

/** Rounding must not keep a difference of exactly the tolerance outside it. */
const SLACK = 1e-9;

/**
 * The first point from which on a curve stays within `points` of the ANN's accuracy; null where its last one does not. A
 * coding that comes near by chance and leaves again has not come near.
 */
export function firstWithin(curve: TradeOffCurve, ann: number, points: number): TradeOffPoint | null {
  const sorted = [...curve.points].sort((a, b) => a.steps - b.steps);
  const lastOutside = sorted.findLastIndex(({ accuracy }) => ann - accuracy > points / 100 + SLACK);
  return sorted[lastOutside + 1] ?? null;
}

/** What each coding needs for each tolerance. */
export function needsOf(curves: readonly TradeOffCurve[], ann: number): Comparison['needs'] {
  return TOLERANCES.map((points) => ({
    points,
    codings: curves.map((curve) => ({ name: curve.name, point: firstWithin(curve, ann, points) })),
  }));
}

/** The point that stands for a coding in a table: the first within the smallest tolerance that it reaches, or its best. */
function representative(curve: TradeOffCurve, ann: number): TradeOffPoint {
  for (const points of [...TOLERANCES].reverse()) {
    const found = firstWithin(curve, ann, points);
    if (found !== null) return found;
  }
  return curve.points.reduce((best, point) => (point.accuracy > best.accuracy ? point : best));
}

/** The comparison for people. */
export function comparisonText(comparison: Comparison): string {
  const { model, data, ann, curves, leftOut, calibrationImages } = comparison;
  const lines = [
    `${model.file} on ${data.images} images of ${data.file}, calibrated on ${calibrationImages}`,
    `ANN: ${percent(ann.accuracy)}, ${count(ann.macs)} MACs, ${energy(ann.energyMj)}; one image counts ${figure(100 / data.images)} %`,
    ...nearChance(ann.accuracy, ann.classes),
    '',
    needsText(comparison),
    '',
    'Accuracy, with the columns of Table 2 of the CSS paper (each coding where it first stays nearest to the ANN)',
    table(
      ['coding', 'ANN accuracy', 'time steps', 'latency', 'SNN accuracy', 'loss', 'agreement'],
      curves.map((curve) => {
        const { steps, latency, accuracy, agreement } = representative(curve, ann.accuracy);
        const loss = percent(ann.accuracy - accuracy);
        return [
          curve.name,
          percent(ann.accuracy),
          `${steps}`,
          `${latency}`,
          percent(accuracy),
          loss,
          percent(agreement),
        ];
      }),
    ),
    '',
    'Operations and energy, with the columns of Table 4 (the same points)',
    table(
      [
        'coding',
        'accuracy',
        'time steps',
        'latency',
        'spikes per neuron',
        'AC',
        'MAC',
        'energy',
        'of the ANN',
      ],
      [
        ['ANN', percent(ann.accuracy), '-', '-', '-', '0', count(ann.macs), energy(ann.energyMj), '1'],
        ...curves.map((curve) => {
          const point = representative(curve, ann.accuracy);
          return [
            curve.name,
            percent(point.accuracy),
            `${point.steps}`,
            `${point.latency}`,
            figure(point.spikesPerNeuron),
            count(point.syops),
            count(point.macs),
            energy(point.energyMj),
            figure(point.energyMj / ann.energyMj),
          ];
        }),
      ],
    ),
    '',
    `Energy: ${comparison.energyModel}.`,
    ...leftOutText(leftOut),
  ];
  return lines.join('\n');
}

function needsText({ needs, ann }: Comparison): string {
  return needs
    .map(({ points, codings }) => {
      const title = `To stay within ${points} point${points === 1 ? '' : 's'} of the ANN (${percent(ann.accuracy - points / 100)})`;
      const rows = codings.map(({ name, point }) =>
        point === null
          ? [name, 'not reached', '', '', '', '', '', '']
          : [
              name,
              `${point.steps}`,
              `${point.latency}`,
              percent(point.accuracy),
              figure(point.spikesPerNeuron),
              count(point.syops),
              count(point.macs),
              energy(point.energyMj),
            ],
      );
      const headings = [
        'coding',
        'steps',
        'latency',
        'accuracy',
        'spikes per neuron',
        'SyOPs',
        'MACs',
        'energy',
      ];
      return `${title}\n${table(headings, rows)}`;
    })
    .join('\n\n');
}

/** Codings that are left out for the same reasons share a line. */
function leftOutText(leftOut: Comparison['leftOut']): string[] {
  const byReasons = new Map<string, string[]>();
  for (const { name, reasons } of leftOut) {
    const key = reasons.join('; ');
    byReasons.set(key, [...(byReasons.get(key) ?? []), name]);
  }
  return [...byReasons].map(([reasons, names]) => `Left out: ${names.join(', ')}: ${reasons}.`);
}
