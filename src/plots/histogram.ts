// Distributions as outlines over bins of equal width.
import { type Axis, framed, type LegendEntry, type Words } from './frame.ts';
import { coordinate, element } from './svg.ts';
import { seriesStyle, type Theme } from './theme.ts';

export interface HistogramSeries {
  readonly label: string;
  /** Height of each bin; a bin of 0 has none on a logarithmic axis. */
  readonly heights: readonly number[];
}

export interface HistogramPlot extends Words {
  /** Ends of the bins: one more than bins. */
  readonly edges: readonly number[];
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly HistogramSeries[];
  /** A region to mark. */
  readonly region?: { readonly from: number; readonly to: number };
}

/** Draws the plot as an SVG document. */
export function histogramPlot(plot: HistogramPlot, theme: Theme): string {
  const { edges, y, series, region } = plot;
  const legend: LegendEntry[] =
    series.length < 2
      ? []
      : series.map(({ label }, i) => ({ label, style: seriesStyle(theme, i), symbol: 'line' }));
  return framed({ ...plot, theme, legend, vertical: false }, (area) => {
    const base = area.top + area.height;
    const marked =
      region === undefined
        ? ''
        : element('rect', {
            ...{ x: area.x(region.from), width: area.x(region.to) - area.x(region.from) },
            ...{ y: area.top, height: area.height, fill: theme.shade },
          });
    const height = (value: number) =>
      y.scale.kind === 'log' && value < y.scale.domain[0] ? base : Math.min(base, area.y(value));
    const drawn = series.map(({ heights }, i) => {
      const { colour, dash } = seriesStyle(theme, i);
      const outline = heights
        .map((value, bin) => `V${coordinate(height(value))}H${coordinate(area.x(edges[bin + 1]!))}`)
        .join('');
      const d = `M${coordinate(area.x(edges[0]!))} ${coordinate(base)}${outline}V${coordinate(base)}`;
      return element('path', {
        ...{ d, fill: colour, 'fill-opacity': i === 0 ? '0.18' : '0', stroke: colour, 'stroke-width': '1.6' },
        'stroke-dasharray': dash === '' ? undefined : dash,
      });
    });
    return marked + drawn.join('');
  });
}
