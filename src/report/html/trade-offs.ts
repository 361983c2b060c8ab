// What accuracy costs: the curves, and early answers.
import { escapeText } from '../../plots/svg.ts';
import { figures } from '../figures/index.ts';
import type { PageData } from '../page-data.ts';
import { paragraph, section, figures as shownFigures } from './elements.ts';

export function tradeOffs(data: PageData): string {
  const all = [figures.accuracyLatency(data), figures.accuracyEnergy(data), figures.accuracySteps(data)];
  if (all.every((one) => one === null)) return '';
  return section(
    'cost',
    'Accuracy and what it costs',
    paragraph(`Points: ${escapeText(data.curvesFrom)}.${missing(data)}`),
    shownFigures(...all),
  );
}

function missing({ baselineMissing }: PageData): string {
  return baselineMissing === null
    ? ''
    : ` The same network with plain rate coding is not shown: ${escapeText(baselineMissing)}.`;
}
