// A signal over time, what its spikes decode to, and the spikes below on the same axis of time.
import { type Area, type Axis, framed, type LegendEntry, type Words } from './frame.ts';
import type { Scale } from './scale.ts';
import { coordinate, element } from './svg.ts';
import { type SeriesStyle, seriesStyle, type Theme } from './theme.ts';

export interface SignalPlot extends Words {
  readonly x: Axis;
  readonly y: Axis;
  /** Values at x = 0, 1, 2 ... */
  readonly signal: ArrayLike<number>;
  readonly reconstruction: ArrayLike<number>;
  /** Rows of spikes, the first at the bottom. */
  readonly trains: number;
  /** Train, place on the axis of x, and sign of each spike. */
  readonly spikes: readonly (readonly [train: number, x: number, sign: number])[];
}

/** Heights of what is above the axis, in the units of the drawing. */
const CURVES = 150;
const BETWEEN = 14;
const STRIP = 24;
const ROW = 5;

/** Draws the plot as an SVG document. With one train spikes of +1 stand above its middle and those of -1 hang below. */
export function signalPlot(plot: SignalPlot, theme: Theme): string {
  const { signal, reconstruction, trains, spikes } = plot;
  const row = Math.max(ROW, STRIP / trains);
  const strip = trains * row;
  const height = CURVES + BETWEEN + strip;
  const [given, decoded, up, down] = [0, 1, 2, 3].map((i) => seriesStyle(theme, i)) as [
    SeriesStyle,
    SeriesStyle,
    SeriesStyle,
    SeriesStyle,
  ];
  const signed = spikes.some(([, , sign]) => sign < 0);
  const legend: LegendEntry[] = [
    { label: 'signal', style: given, symbol: 'line' },
    { label: 'decoded', style: decoded, symbol: 'line' },
    { label: signed ? 'spike +1' : 'spike', style: up, symbol: 'bar' },
    ...(signed ? [{ label: 'spike −1', style: down, symbol: 'bar' } as const] : []),
  ];
  const y = { ...plot.y, scale: above(plot.y.scale, (strip + BETWEEN) / height) };
  return framed({ ...plot, y, theme, legend, area: height, vertical: false }, (area) => {
    const top = area.top + CURVES + BETWEEN;
    const marks = (sign: number, { colour }: SeriesStyle) =>
      element('path', {
        d: spikes
          .filter((spike) => spike[2] === sign)
          .map(([train, x]) =>
            mark(area.x(x), top + (trains - 1 - train) * row, row, trains === 1 ? sign : 0),
          )
          .join(''),
        ...{ stroke: colour, 'stroke-width': '1.4' },
      });
    return [
      trains === 1 ? middle(area, top + row / 2, theme) : background(area, top, strip, theme),
      line(area, signal, given),
      line(area, reconstruction, decoded),
      marks(1, up),
      signed ? marks(-1, down) : '',
    ].join('');
  });
}

/** The scale in the upper part of the area; `share` is what is left below. */
function above(scale: Scale, share: number): Scale {
  return { ...scale, at: (value) => share + (1 - share) * scale.at(value) };
}

/** A spike in the row that begins at y: all of it, or the half of its sign. */
function mark(x: number, y: number, row: number, sign: number): string {
  const [from, length] = sign === 0 ? [y + row * 0.1, row * 0.8] : [sign > 0 ? y : y + row / 2, row / 2];
  return `M${coordinate(x)} ${coordinate(from)}v${coordinate(length)}`;
}

function line(area: Area, values: ArrayLike<number>, { colour, dash }: SeriesStyle): string {
  const points = Array.from(
    values,
    (value, t) => `${t === 0 ? 'M' : 'L'}${coordinate(area.x(t))} ${coordinate(area.y(value))}`,
  );
  return element('path', {
    ...{
      d: points.join(''),
      fill: 'none',
      stroke: colour,
      'stroke-width': '1.5',
      'stroke-linejoin': 'round',
    },
    'stroke-dasharray': dash === '' ? undefined : dash,
  });
}

function middle({ left, width }: Area, y: number, theme: Theme): string {
  return element('line', { x1: left, x2: left + width, y1: y, y2: y, stroke: theme.grid });
}

function background({ left, width }: Area, y: number, height: number, theme: Theme): string {
  return element('rect', { x: left, y, width, height, fill: theme.shade });
}
