// One prediction as text.
import type { Prediction } from '../predict.ts';
import { figure, percent, table } from './table.ts';

export function predictionText({ image, top, answers }: Prediction): string {
  const rows = top.map((entry) => [String(entry.class), figure(entry.logit), percent(entry.probability)]);
  return `${image}\n${table(['class', 'logit', 'probability'], rows)}\nanswer after each step: ${answers.join(' ')}`;
}
