// One prediction as text.
import type { Prediction } from '../predict.ts';
import { showShape } from '../tensor/tensor.ts';
import { figure, percent, table } from './table.ts';

/** Classes where there are scores; every output that is something else in a few numbers. */
export function predictionText({ image, top, answers, outputs }: Prediction): string {
  const lines = [image];
  if (top.length > 0) {
    const rows = top.map((entry) => [String(entry.class), figure(entry.logit), percent(entry.probability)]);
    lines.push(
      table(['class', 'logit', 'probability'], rows),
      `answer after each readout step: ${answers.join(' ')}`,
    );
  }
  if (top.length === 0 || outputs.length > 1) {
    const rows = outputs.map(({ name, shape, smallest, largest, mean }) => [
      name,
      showShape(shape),
      ...[smallest, largest, mean].map(figure),
    ]);
    lines.push(table(['output', 'shape', 'smallest', 'largest', 'mean'], rows));
  }
  return lines.join('\n');
}
