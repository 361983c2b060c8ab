// Where the conversion loses, layer by layer.
import { escapeText } from '../../plots/svg.ts';
import { type DataTable, shown } from '../figures/figure.ts';
import { figures } from '../figures/index.ts';
import type { PageData } from '../page-data.ts';
import { figure, percent } from '../table.ts';
import { dataTable, paragraph, section, figures as shownFigures } from './elements.ts';

export function layers(data: PageData): string {
  const { diagnosis, diagnosedImages } = data.report;
  const found =
    diagnosis.length === 0
      ? paragraph(
          'No layer is singled out. Below 99 % agreement, or above 5 % error of an output, those that lose most would stand here, with what to try.',
        )
      : `<ul>${diagnosis
          .map(
            ({ layer, cause, advice }) =>
              `<li><strong>${escapeText(layer)}</strong>: ${escapeText(cause)}; ${escapeText(advice)}.</li>`,
          )
          .join('\n')}</ul>`;
  return section(
    'layers',
    'Layer by layer',
    paragraph(
      `Errors, residuals and saturation were measured on the first ${diagnosedImages} images, spikes on all.`,
    ),
    found,
    shownFigures(
      figures.decodedError(data),
      figures.residualLayers(data),
      figures.residualDistribution(data),
      figures.saturation(data),
    ),
    `<h3>All layers</h3>`,
    dataTable(layerTable(data), 'All layers'),
  );
}

function layerTable(data: PageData): DataTable {
  return {
    headings: [
      'Layer',
      'Name',
      'Kind',
      'Neurons',
      'Spikes per neuron',
      'Theta',
      'Ts',
      'Residual',
      'Saturated',
      'Error',
    ],
    rows: data.report.layers.map((_, i) => {
      const at = `report.layers.${i}`;
      return [
        String(i + 1),
        shown<string>(data, `${at}.name`),
        shown<string>(data, `${at}.kind`),
        shown<number>(data, `${at}.neurons`),
        shown<number>(data, `${at}.spikesPerNeuron`, (rate) => rate.toFixed(2)),
        shown<number>(data, `${at}.theta`, figure),
        shown<number>(data, `${at}.Ts`),
        shown<number>(data, `${at}.residualP999`, figure),
        shown<number>(data, `${at}.saturated`, percent),
        shown<number>(data, `${at}.decodedError`, percent),
      ];
    }),
  };
}
