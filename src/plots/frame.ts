// What every plot with two axes has: the drawing with its title and description, grid, ticks, axis labels and legend.

import { marker } from './marker.ts';
import type { Scale } from './scale.ts';
import { coordinate, element, escapeText, textAt, textWidth } from './svg.ts';
import type { SeriesStyle, Theme } from './theme.ts';

/** Units of a drawing: a page shows it at about one pixel each, so letters are as large as its text. */
export const WIDTH = 380;
const FONT_SIZE = 12;
const SMALL = 11;
const LINE = 16;
const RIGHT = 20;
const BOTTOM = 42;
export const FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
/** Names that any PDF or paper tool knows. */
const PAPER_FONTS = 'Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

/** What a reader who does not see the drawing is told, and how the file is told from others on one page. */
export interface Words {
  /** Unique on a page; letters, digits and dashes. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

export interface Axis {
  readonly scale: Scale;
  readonly label: string;
  readonly format: (value: number) => string;
}

export interface LegendEntry {
  readonly label: string;
  readonly style: SeriesStyle;
  readonly symbol: 'line' | 'bar' | 'marker';
}

export interface Frame extends Words {
  readonly theme: Theme;
  readonly x: Axis;
  readonly y: Axis;
  readonly legend?: readonly LegendEntry[];
  /** Height of the area between the axes. */
  readonly area?: number;
  /** Whether vertical grid lines are drawn. */
  readonly vertical?: boolean;
}

/** Where values stand on the drawing. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  x(value: number): number;
  y(value: number): number;
}

const AREA = 180;

/** Draws the frame and, inside it, what `content` gives. */
export function framed(frame: Frame, content: (area: Area) => string): string {
  const { theme, x, y, legend = [] } = frame;
  const left = Math.max(34, ...y.scale.ticks.map((tick) => textWidth(y.format(tick), SMALL) + 12));
  const key = legendRows(legend);
  const top = key.height + LINE + 12;
  const width = WIDTH - left - RIGHT;
  const height = frame.area ?? AREA;
  const area: Area = {
    ...{ left, top, width, height },
    x: (value) => left + width * x.scale.at(value),
    y: (value) => top + height * (1 - y.scale.at(value)),
  };
  const total = top + height + BOTTOM;
  return drawing(frame, theme, total, [
    key.drawn(theme),
    textAt(2, key.height + LINE - 3, y.label, { fill: theme.muted, 'font-size': SMALL }),
    ...grid(frame, area),
    content(area),
    ...ticks(frame, area),
    textAt(WIDTH - RIGHT, total - 5, x.label, {
      fill: theme.muted,
      'font-size': SMALL,
      'text-anchor': 'end',
    }),
  ]);
}

/** The root element with its words; `height` in the units of `WIDTH`. */
export function drawing(words: Words, theme: Theme, height: number, body: readonly string[]): string {
  const { id, title, description } = words;
  const paper = theme.name === 'paper';
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${coordinate(height)}`,
      width: theme.width === '' ? undefined : theme.width,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
      'font-family': paper ? PAPER_FONTS : FONTS,
      'font-size': coordinate(FONT_SIZE),
    },
    element('title', { id: `${id}-title` }, escapeText(title)),
    element('desc', { id: `${id}-desc` }, escapeText(description)),
    ...(paper ? [element('rect', { width: '100%', height: '100%', fill: theme.background })] : []),
    ...body,
  );
}

/** Drawings below each other as one. */
export function stacked(words: Words, theme: Theme, drawings: readonly string[]): string {
  let top = 0;
  const placed = drawings.map((one) => {
    const height = Number(/viewBox="0 0 \d+ ([\d.]+)"/.exec(one)![1]);
    // As a part it has a place and a size in the units of the whole.
    const part = one.replace(
      /^<svg ([^>]*?viewBox="[^"]*")( width="[^"]*")?/,
      `<svg $1 y="${coordinate(top)}" width="${WIDTH}" height="${coordinate(height)}"`,
    );
    top += height + LINE;
    return part;
  });
  return drawing(words, theme, top - LINE, placed);
}

function grid({ theme, x, y, vertical = true }: Frame, { left, top, width, height, ...at }: Area): string[] {
  const line = { stroke: theme.grid, 'stroke-width': '1' };
  return [
    ...y.scale.ticks.map((tick) =>
      element('line', { x1: left, x2: left + width, y1: at.y(tick), y2: at.y(tick), ...line }),
    ),
    ...(vertical
      ? x.scale.ticks.map((tick) =>
          element('line', { x1: at.x(tick), x2: at.x(tick), y1: top, y2: top + height, ...line }),
        )
      : []),
  ];
}

function ticks({ theme, x, y }: Frame, { left, top, width, height, ...at }: Area): string[] {
  const text = { fill: theme.muted, 'font-size': SMALL };
  const baseline = top + height;
  return [
    element('line', { x1: left, x2: left + width, y1: baseline, y2: baseline, stroke: theme.muted }),
    ...y.scale.ticks.map((tick) =>
      textAt(left - 6, at.y(tick) + 4, y.format(tick), { ...text, 'text-anchor': 'end' }),
    ),
    ...apart(x, at).map((tick) =>
      textAt(at.x(tick), baseline + 17, x.format(tick), { ...text, 'text-anchor': 'middle' }),
    ),
  ];
}

/** The ticks of the horizontal axis whose texts do not touch the one before. */
function apart({ scale, format }: Axis, at: Pick<Area, 'x'>): number[] {
  let end = Number.NEGATIVE_INFINITY;
  return scale.ticks.filter((tick) => {
    const half = textWidth(format(tick), SMALL) / 2;
    if (at.x(tick) - half < end + 6) return false;
    end = at.x(tick) + half;
    return true;
  });
}

const SYMBOL = 26;
const GAP = 16;

function legendRows(entries: readonly LegendEntry[]) {
  let [x, row] = [2, 0];
  const placed = entries.map((entry) => {
    const width = SYMBOL + textWidth(entry.label, FONT_SIZE) + GAP;
    if (x > 2 && x + width - GAP > WIDTH) [x, row] = [2, row + 1];
    const place = { entry, x, y: row * (LINE + 2) + LINE - 4 };
    x += width;
    return place;
  });
  return {
    height: entries.length === 0 ? 0 : (row + 1) * (LINE + 2) + 2,
    drawn: (theme: Theme) =>
      placed
        .map(
          ({ entry, x: at, y }) =>
            symbolOf(entry, at, y - 4) + textAt(at + SYMBOL, y, entry.label, { fill: theme.ink }),
        )
        .join(''),
  };
}

function symbolOf({ style, symbol }: LegendEntry, x: number, y: number): string {
  const { colour, dash } = style;
  if (symbol === 'bar') return element('rect', { x: x + 4, y: y - 5, width: 12, height: 10, fill: colour });
  const line = element('line', {
    ...{ x1: x, x2: x + 20, y1: y, y2: y, stroke: colour, 'stroke-width': '2' },
    'stroke-dasharray': dash === '' ? undefined : dash,
  });
  return symbol === 'line' ? line : line + marker(style, x + 10, y);
}
