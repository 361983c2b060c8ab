// What became of every node of the file.
import { escapeText } from '../../plots/svg.ts';
import { shown } from '../figures/figure.ts';
import type { PageData } from '../page-data.ts';
import { plural } from '../table.ts';
import { dataTable, paragraph, section } from './elements.ts';

export function fates(data: PageData): string {
  if (data.fates === null) {
    return section(
      'nodes',
      'The fate of every node',
      paragraph('The ONNX file was not given (--ann MODEL.onnx).'),
    );
  }
  const kinds = new Map<string, number>();
  for (const { kind } of data.fates) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const counts = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return section(
    'nodes',
    'The fate of every node',
    paragraph(`${plural(data.fates.length, 'node')} of the ONNX file: ${escapeText(counts)}.`),
    `<details><summary>Every node</summary>
${dataTable(
  {
    headings: ['Node', 'Operator', 'Fate', 'How'],
    rows: data.fates.map((_, i) => [
      shown<string>(data, `fates.${i}.node`),
      shown<string>(data, `fates.${i}.op`),
      shown<string>(data, `fates.${i}.kind`),
      shown<string>(data, `fates.${i}.detail`),
    ]),
  },
  'The fate of every node',
)}
</details>`,
  );
}
