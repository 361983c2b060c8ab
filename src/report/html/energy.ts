// Operations and energy in three columns, with their rules and constants.
import { escapeText } from '../../plots/svg.ts';
import { type DataTable, shown } from '../figures/figure.ts';
import { layerNumber } from '../figures/formats.ts';
import { figures } from '../figures/index.ts';
import type { PageData } from '../page-data.ts';
import { count, figure, energy as joules } from '../table.ts';
import { dataTable, paragraph, section, figures as shownFigures } from './elements.ts';

export function energy(data: PageData): string {
  const { columns, constants } = data.energy;
  const rules = columns
    .map(({ title, rule }) => `<dt>${escapeText(title)}</dt><dd>${escapeText(rule)}.</dd>`)
    .join('\n');
  const sources = Object.values(constants)
    .map(({ name, source }) => `<li><strong>${escapeText(name)}</strong>: ${escapeText(source)}.</li>`)
    .join('\n');
  return section(
    'energy',
    'Operations and energy',
    paragraph(
      'An estimate by counting, not a measurement of a chip. Each column sets both networks on one footing; compare the two sides of a column, never figures of different columns.',
    ),
    shownFigures(figures.energyRatio(data), figures.layerOperations(data)),
    '<h3>Three ways of counting</h3>',
    `<dl class="rules">${rules}</dl>`,
    `<details><summary>Constants and their sources</summary><ul>${sources}</ul></details>`,
    '<h3>Energy of each layer</h3>',
    dataTable(energyOfLayers(data), 'Energy of each layer'),
    `<details><summary>Plots of each column</summary>${shownFigures(
      figures.energyCompute(data),
      figures.energyMemory(data),
      figures.energyMatched(data),
    )}</details>`,
  );
}

function energyOfLayers(data: PageData): DataTable {
  const { layers, columns } = data.energy;
  const short = ['compute', 'memory', 'quantized'];
  const pairs = columns.map((_, column) => column);
  const total = pairs.flatMap((column) => [
    shown<number>(data, `energy.columns.${column}.snnMj`, joules),
    shown<number>(data, `energy.columns.${column}.annMj`, joules),
    shown<number>(data, `energy.columns.${column}.ratio`, figure),
  ]);
  return {
    headings: [
      'Layer',
      'Name',
      'SNN AC',
      'ANN MAC',
      ...short.flatMap((name) => [`SNN, ${name}`, `ANN, ${name}`, 'Ratio']),
    ],
    rows: [
      ...layers.map(({ name }, i) => {
        const at = `energy.layers.${i}`;
        return [
          layerNumber(data, name),
          shown<string>(data, `${at}.name`),
          shown<number>(data, `${at}.accumulates`, count),
          shown<number>(data, `${at}.annProducts`, count),
          ...pairs.flatMap((column) => [
            shown<number>(data, `${at}.energy.${column}.snnMj`, joules),
            shown<number>(data, `${at}.energy.${column}.annMj`, joules),
            shown<number>(data, `${at}.energy.${column}.ratio`, figure),
          ]),
        ];
      }),
      [
        'Total',
        '',
        shown<number>(data, 'report.operations.syops.fanOut', count),
        shown<number>(data, 'report.operations.annEffectiveMacs', count),
        ...total,
      ],
    ],
  };
}
