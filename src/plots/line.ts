// Lines through points: accuracy against what it costs, or after each step.
import { type Axis, framed, type LegendEntry, type Words } from './frame.ts';
import { marker } from './marker.ts';
import { type ReferenceLine, referenceLegend, referenceLine } from './reference-line.ts';
import { coordinate, element, escapeText } from './svg.ts';
import { seriesStyle, type Theme } from './theme.ts';

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Ends of an interval of y. */
  readonly interval?: { readonly low: number; readonly high: number };
  /** What a pointer that rests on it is told. */
  readonly name?: string;
}

export interface LineSeries {
  readonly label: string;
  /** In the order in which they are joined. */
  readonly points: readonly LinePoint[];
}

export interface LinePlot extends Words {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly LineSeries[];
  readonly references?: readonly ReferenceLine[];
}

/** Draws the plot as an SVG document. */
export function linePlot(plot: LinePlot, theme: Theme): string {
  const { series, references = [] } = plot;
  const legend: LegendEntry[] = [
    ...(series.length < 2
      ? []
      : series.map(({ label }, i) => ({ label, style: seriesStyle(theme, i), symbol: 'marker' as const }))),
    ...referenceLegend(references, theme),
  ];
  return framed({ ...plot, theme, legend }, (area) => {
    const lines = references.map((reference) => referenceLine(reference, area, theme));
    const drawn = series.map(({ points }, i) => {
      const style = seriesStyle(theme, i);
      const path = points
        .map(({ x, y }, k) => `${k === 0 ? 'M' : 'L'}${coordinate(area.x(x))} ${coordinate(area.y(y))}`)
        .join('');
      const intervals = points.flatMap(({ x, interval }) =>
        interval === undefined
          ? []
          : [
              `M${coordinate(area.x(x))} ${coordinate(area.y(interval.low))}V${coordinate(area.y(interval.high))}`,
            ],
      );
      return [
        intervals.length === 0
          ? ''
          : element('path', {
              d: intervals.join(''),
              stroke: style.colour,
              'stroke-opacity': '0.45',
              fill: 'none',
            }),
        points.length < 2
          ? ''
          : element('path', {
              ...{
                d: path,
                fill: 'none',
                stroke: style.colour,
                'stroke-width': '2',
                'stroke-linejoin': 'round',
              },
              'stroke-dasharray': style.dash === '' ? undefined : style.dash,
            }),
        ...points.map(({ x, y, name }) =>
          marker(style, area.x(x), area.y(y), name === undefined ? undefined : escapeText(name)),
        ),
      ].join('');
    });
    return [...lines, ...drawn].join('');
  });
}
