// Spikes over time: one row for each neuron, one block of rows for each layer, one mark for each spike.
import { drawing, WIDTH, type Words } from './frame.ts';
import { linearScale } from './scale.ts';
import { coordinate, element, textAt, textWidth } from './svg.ts';
import { seriesStyle, type Theme } from './theme.ts';

export interface RasterLayer {
  readonly label: string;
  /** Neurons shown: rows. */
  readonly rows: number;
  /** Its window in time steps: the first, from 0, and how many. */
  readonly window: { readonly from: number; readonly steps: number };
  /** Row, time step from 0, and sign of each spike. */
  readonly spikes: readonly (readonly [row: number, step: number, sign: number])[];
}

export interface RasterPlot extends Words {
  readonly steps: number;
  readonly layers: readonly RasterLayer[];
}

const ROW = 5;
const BETWEEN = 7;
const RIGHT = 10;
const TOP = 26;
const BOTTOM = 36;

/** Draws the plot as an SVG document. Spikes of +1 are upright, those of -1 lie flat. */
export function rasterPlot(plot: RasterPlot, theme: Theme): string {
  const { steps, layers } = plot;
  const small = { fill: theme.muted, 'font-size': 11 } as const;
  const left = Math.max(24, ...layers.map(({ label }) => textWidth(label, 11) + 10));
  const step = (WIDTH - left - RIGHT) / steps;
  const colours = [seriesStyle(theme, 0).colour, seriesStyle(theme, 1).colour] as const;
  let top = TOP;
  const blocks = layers.map(({ label, rows, window, spikes }) => {
    const height = rows * ROW;
    const at = { x: (t: number) => left + (t + 0.5) * step, y: (row: number) => top + (row + 0.5) * ROW };
    const half = Math.min(3.2, step * 0.4);
    const upright: string[] = [];
    const flat: string[] = [];
    for (const [row, t, sign] of spikes) {
      if (sign > 0) upright.push(`M${coordinate(at.x(t))} ${coordinate(at.y(row) - 2.2)}v4.4`);
      else flat.push(`M${coordinate(at.x(t) - half)} ${coordinate(at.y(row))}h${coordinate(2 * half)}`);
    }
    const block = [
      element('rect', {
        ...{ x: left + window.from * step, y: top - 1, width: window.steps * step, height: height + 2 },
        fill: theme.shade,
      }),
      textAt(left - 6, top + height / 2 + 4, label, { ...small, 'text-anchor': 'end' }),
      marks(upright, colours[0], '2'),
      marks(flat, colours[1], '1.8'),
    ].join('');
    top += height + BETWEEN;
    return block;
  });
  const bottom = top - BETWEEN + 4;
  const axis = linearScale(1, Math.max(2, steps), 8).ticks.filter((tick) => Number.isInteger(tick));
  return drawing(plot, theme, bottom + BOTTOM, [
    marks(['M4 8v9'], colours[0], '2.4'),
    textAt(12, 17, 'spike +1', { fill: theme.ink }),
    marks(['M80 13h9'], colours[1], '2.4'),
    textAt(95, 17, 'spike −1', { fill: theme.ink }),
    element('rect', { x: 163, y: 7, width: 14, height: 11, fill: theme.shade, stroke: theme.grid }),
    textAt(183, 17, 'the window of the layer', { fill: theme.ink }),
    ...blocks,
    element('line', { x1: left, x2: WIDTH - RIGHT, y1: bottom, y2: bottom, stroke: theme.muted }),
    ...axis.map((tick) =>
      textAt(left + (tick - 0.5) * step, bottom + 14, String(tick), { ...small, 'text-anchor': 'middle' }),
    ),
    textAt(WIDTH - RIGHT, bottom + 30, 'time step', { ...small, 'text-anchor': 'end' }),
  ]);
}

function marks(paths: readonly string[], colour: string, width: string): string {
  return paths.length === 0
    ? ''
    : element('path', { d: paths.join(''), stroke: colour, 'stroke-width': width });
}
