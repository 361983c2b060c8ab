// Bars side by side: one group for each layer or step, one bar of each series in it.
import { type Axis, framed, type LegendEntry, WIDTH, type Words } from './frame.ts';
import { type ReferenceLine, referenceLegend, referenceLine } from './reference-line.ts';
import type { Scale } from './scale.ts';
import { coordinate, element, escapeText, textWidth } from './svg.ts';
import { seriesStyle, type Theme } from './theme.ts';

export interface BarSeries {
  readonly label: string;
  /** One for each group; null leaves its place empty. */
  readonly values: readonly (number | null)[];
}

export interface BarPlot extends Words {
  /** What stands under each group. */
  readonly groups: readonly string[];
  readonly groupsLabel: string;
  /** What a pointer that rests on a bar is told of its group, where that is more. */
  readonly groupNames?: readonly string[];
  readonly y: Axis;
  readonly series: readonly BarSeries[];
  readonly references?: readonly ReferenceLine[];
}

/** Draws the plot as an SVG document. */
export function barPlot(plot: BarPlot, theme: Theme): string {
  const { groups, groupsLabel, groupNames = groups, y, series, references = [] } = plot;
  const legend: LegendEntry[] = [
    ...(series.length < 2
      ? []
      : series.map(({ label }, i) => ({ label, style: seriesStyle(theme, i), symbol: 'bar' as const }))),
    ...referenceLegend(references, theme),
  ];
  const x: Axis = { scale: groupScale(groups), label: groupsLabel, format: (i) => groups[i] ?? '' };
  return framed({ ...plot, x, theme, legend, vertical: false }, (area) => {
    const slot = area.width / groups.length;
    const width = Math.min(26, (slot * 0.78) / series.length);
    const base = area.top + area.height;
    const drawn = series.map(({ label, values }, s) => {
      const { colour } = seriesStyle(theme, s);
      return values
        .map((value, i) => {
          if (value === null || (y.scale.kind === 'log' && value <= 0)) return '';
          const top = Math.min(base, area.y(value));
          const left = area.x(i) + (s - series.length / 2) * width;
          const name = `${groupNames[i]}, ${label}: ${y.format(value)}`;
          return element(
            'path',
            {
              d: `M${coordinate(left)} ${coordinate(base)}V${coordinate(top)}h${coordinate(width * 0.92)}V${coordinate(base)}z`,
              fill: colour,
            },
            element('title', {}, escapeText(name)),
          );
        })
        .join('');
    });
    const lines = references.map((reference) => referenceLine(reference, area, theme));
    return [...drawn, ...lines].join('');
  });
}

/** Units between the names of groups, and those that a drawing has for all, about. */
const APART = 8;
const ROOM = WIDTH * 0.85;

/** Groups 0 to n - 1 in the middles of equal slots; named is every one, or every 2nd, 5th, 10th ... */
function groupScale(groups: readonly string[]): Scale {
  const n = groups.length;
  const widest = Math.max(...groups.map((name) => textWidth(name, 11))) + APART;
  const every = [1, 2, 5, 10, 20, 50].find((step) => (step * ROOM) / n >= widest) ?? 100;
  return {
    kind: 'linear',
    domain: [0, n - 1],
    at: (i) => (i + 0.5) / n,
    ticks: Array.from({ length: n }, (_, i) => i).filter((i) => (i + 1) % every === 0),
  };
}
