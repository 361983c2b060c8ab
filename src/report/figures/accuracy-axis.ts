// Axes that plots of accuracy share.
import type { LinePoint } from '../../plots/line.ts';
import type { ReferenceLine } from '../../plots/reference-line.ts';
import { logScale, roundedScale, type Scale } from '../../plots/scale.ts';
import { percent } from '../table.ts';
import { percentTick } from './formats.ts';

export const ACCURACY = { label: 'accuracy', format: percentTick } as const;

/**
 * Over numbers of steps: linear with ticks at whole ones, or logarithmic where they span more than a factor of 12; around a
 * single one there is room.
 */
export function stepsScale(low: number, high: number): Scale {
  if (high / low > 12) return logScale(low, high);
  const scale = low === high ? roundedScale(low - 2, high + 2, 4) : roundedScale(low, high, 6);
  return { ...scale, ticks: scale.ticks.filter(Number.isInteger) };
}

/** The ANN's accuracy as a line; none where it is not known. */
export function annLine(accuracy: number | null): ReferenceLine[] {
  return accuracy === null ? [] : [{ label: `ANN ${percent(accuracy)}`, y: accuracy }];
}

/** Whole ticks around all points, their intervals and the ANN's accuracy, but never above 100 %. */
export function accuracyScale(points: readonly LinePoint[], reference: number | null): Scale {
  const values = points.flatMap(({ y, interval }) => [y, interval?.low ?? y, interval?.high ?? y]);
  const all = reference === null ? values : [...values, reference];
  const scale = roundedScale(Math.min(...all), Math.max(...all), 5);
  return scale.domain[1] <= 1 ? scale : roundedScale(Math.min(...all), 1, 5);
}
