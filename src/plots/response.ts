// What a neuron emits for each of a range of values: its spikes, a row for each value, and beside them what they decode to.
import { drawing, WIDTH, type Words } from './frame.ts';
import { roundedScale, tickText } from './scale.ts';
import { coordinate, element, textAt } from './svg.ts';
import { seriesStyle, type Theme } from './theme.ts';

export interface ResponseRow {
  readonly value: number;
  /** Sign of the spike at each step, 0 for none. */
  readonly spikes: ArrayLike<number>;
}

export interface ResponsePlot extends Words {
  readonly steps: number;
  /** Steps at which the neuron may fire: the first, from 0, and how many. */
  readonly window: { readonly from: number; readonly steps: number };
  /** Ascending by value, from 0 on and evenly apart. */
  readonly rows: readonly ResponseRow[];
  /** What the spikes decode to: ascending by value, as many values as a smooth line takes. */
  readonly decoded: readonly { readonly value: number; readonly decoded: number }[];
}

const TOP = 40;
const HEIGHT = 190;
const BOTTOM = 38;
const LEFT = { from: 32, to: 206 } as const;
const RIGHT = { from: 228, to: WIDTH - 12 } as const;

/** Draws the plot as an SVG document. Both panels share the axis of values. */
export function responsePlot(plot: ResponsePlot, theme: Theme): string {
  const { rows, decoded } = plot;
  const high = rows.at(-1)!.value;
  const apart = high / (rows.length - 1);
  // Half a row of room below and above.
  const y = (value: number) => TOP + HEIGHT * (1 - (value + apart / 2) / (high + apart));
  const most = Math.max(high, ...decoded.map((point) => point.decoded));
  const x = (value: number) => RIGHT.from + ((RIGHT.to - RIGHT.from) * (value + apart / 2)) / (most + apart);
  const muted = { fill: theme.muted, 'font-size': 11 } as const;
  const ticks = roundedScale(0, high, 5).ticks.filter((tick) => tick <= high);
  const grid = { stroke: theme.grid, 'stroke-width': '1' };
  const base = TOP + HEIGHT;
  const [style] = [seriesStyle(theme, 2)];
  return drawing(plot, theme, base + BOTTOM, [
    ...spikeLegend(plot, theme),
    textAt(2, TOP - 8, 'value', muted),
    textAt(RIGHT.to, base + BOTTOM - 5, 'decoded value', { ...muted, 'text-anchor': 'end' }),
    textAt(LEFT.to, base + BOTTOM - 5, 'time step', { ...muted, 'text-anchor': 'end' }),
    ...ticks.flatMap((tick) => [
      textAt(LEFT.from - 6, y(tick) + 4, tickText(tick), { ...muted, 'text-anchor': 'end' }),
      element('line', { x1: RIGHT.from, x2: RIGHT.to, y1: y(tick), y2: y(tick), ...grid }),
      element('line', { x1: x(tick), x2: x(tick), y1: TOP, y2: base, ...grid }),
      textAt(x(tick), base + 14, tickText(tick), { ...muted, 'text-anchor': 'middle' }),
    ]),
    raster(plot, theme, y),
    element('line', {
      ...{ x1: x(0), y1: y(0), x2: x(high), y2: y(high) },
      ...{ stroke: theme.muted, 'stroke-dasharray': '4 3' },
    }),
    element('path', {
      d: cornersOf(decoded)
        .map(
          (point, i) => `${i === 0 ? 'M' : 'L'}${coordinate(x(point.decoded))} ${coordinate(y(point.value))}`,
        )
        .join(''),
      ...{ fill: 'none', stroke: style!.colour, 'stroke-width': '1.4' },
    }),
    ...[LEFT, RIGHT].map(({ from, to }) =>
      element('line', { x1: from, x2: to, y1: base, y2: base, stroke: theme.muted }),
    ),
  ]);
}

/** Spikes as upright marks, those of -1 in a colour of their own and shorter. */
function raster({ steps, window, rows }: ResponsePlot, theme: Theme, y: (value: number) => number): string {
  const step = (LEFT.to - LEFT.from) / steps;
  const row = HEIGHT / rows.length;
  const [up, down]: [string[], string[]] = [[], []];
  for (const { value, spikes } of rows) {
    for (let t = 0; t < steps; t++) {
      const sign = spikes[t]!;
      if (sign === 0) continue;
      const at = `${coordinate(LEFT.from + (t + 0.5) * step)} ${coordinate(y(value) - row * 0.4)}`;
      (sign > 0 ? up : down).push(`M${at}v${coordinate(row * 0.8)}`);
    }
  }
  const width = coordinate(Math.min(7, step * 0.55));
  const marks = (paths: readonly string[], colour: string) =>
    paths.length === 0 ? '' : element('path', { d: paths.join(''), stroke: colour, 'stroke-width': width });
  const every = Math.ceil(steps / 16);
  const named = Array.from({ length: steps }, (_, t) => t).filter(
    (t) => steps <= 10 || (t + 1) % (2 * every) === 0,
  );
  return [
    element('rect', {
      ...{ x: LEFT.from + window.from * step, y: TOP, width: window.steps * step, height: HEIGHT },
      fill: theme.shade,
    }),
    marks(up, seriesStyle(theme, 0).colour),
    marks(down, seriesStyle(theme, 1).colour),
    ...named.map((t) =>
      textAt(LEFT.from + (t + 0.5) * step, TOP + HEIGHT + 14, String(t + 1), {
        ...{ fill: theme.muted, 'font-size': 11, 'text-anchor': 'middle' },
      }),
    ),
  ].join('');
}

function spikeLegend({ rows }: ResponsePlot, theme: Theme): string[] {
  const ternary = rows.some(({ spikes }) => Array.from(spikes).some((sign) => sign < 0));
  const mark = (x: number, colour: string) =>
    element('rect', { x, y: 5, width: 5, height: 11, fill: colour });
  const line = (x: number, attributes: Readonly<Record<string, string>>) =>
    element('line', { x1: x, x2: x + 18, y1: 11, y2: 11, ...attributes });
  return [
    mark(3, seriesStyle(theme, 0).colour),
    textAt(13, 15, ternary ? 'spike +1' : 'spike', { fill: theme.ink }),
    ...(ternary
      ? [mark(76, seriesStyle(theme, 1).colour), textAt(86, 15, 'spike −1', { fill: theme.ink })]
      : []),
    line(RIGHT.from, { stroke: seriesStyle(theme, 2).colour, 'stroke-width': '1.6' }),
    textAt(RIGHT.from + 23, 15, 'decoded', { fill: theme.ink }),
    line(RIGHT.from + 80, { stroke: theme.muted, 'stroke-dasharray': '4 3' }),
    textAt(RIGHT.from + 103, 15, 'value', { fill: theme.ink }),
  ];
}

/** A staircase has few corners: points that lie on a step between two others are left out. */
function cornersOf(points: ResponsePlot['decoded']): ResponsePlot['decoded'] {
  return points.filter(
    ({ decoded }, i) => decoded !== points[i - 1]?.decoded || decoded !== points[i + 1]?.decoded,
  );
}
