// Horizontal lines to compare with. Their names stand in the legend, where no curve can cross them.
import type { Area, LegendEntry } from './frame.ts';
import { element } from './svg.ts';
import type { Theme } from './theme.ts';

export interface ReferenceLine {
  readonly label: string;
  readonly y: number;
}

const DASH = '5 4';

export function referenceLine({ y }: ReferenceLine, area: Area, theme: Theme): string {
  const at = area.y(y);
  return element('line', {
    ...{ x1: area.left, x2: area.left + area.width, y1: at, y2: at },
    ...{ stroke: theme.ink, 'stroke-dasharray': DASH },
  });
}

export function referenceLegend(references: readonly ReferenceLine[], theme: Theme): LegendEntry[] {
  const style = { colour: theme.ink, dash: DASH, marker: 'circle' } as const;
  return references.map(({ label }) => ({ label, style, symbol: 'line' }));
}
