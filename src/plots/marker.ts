// Shapes of points, one for each series.
import { coordinate, element } from './svg.ts';
import type { SeriesStyle } from './theme.ts';

const SIZE = 4;

/** One marker at a place; `name` is what a pointer that rests on it is told. */
export function marker({ colour, marker }: SeriesStyle, x: number, y: number, name?: string): string {
  const title = name === undefined ? '' : element('title', {}, name);
  const fill = { fill: colour };
  const path = (...points: readonly (readonly [number, number])[]) =>
    element(
      'polygon',
      { points: points.map(([dx, dy]) => `${coordinate(x + dx)},${coordinate(y + dy)}`).join(' '), ...fill },
      title,
    );
  switch (marker) {
    case 'circle':
      return element('circle', { cx: x, cy: y, r: SIZE, ...fill }, title);
    case 'square':
      return element('rect', { x: x - 3.6, y: y - 3.6, width: 7.2, height: 7.2, ...fill }, title);
    case 'triangle':
      return path([0, -5], [4.8, 3.6], [-4.8, 3.6]);
    case 'diamond':
      return path([0, -5.4], [5.4, 0], [0, 5.4], [-5.4, 0]);
    case 'cross':
      return element(
        'path',
        {
          d: `M${coordinate(x - 4)} ${coordinate(y - 4)}l8 8m0 -8l-8 8`,
          ...{ stroke: colour, 'stroke-width': '2', fill: 'none' },
        },
        title,
      );
    case 'ring':
      return element(
        'circle',
        { cx: x, cy: y, r: SIZE, fill: 'none', stroke: colour, 'stroke-width': '2' },
        title,
      );
    default:
      return marker satisfies never;
  }
}
