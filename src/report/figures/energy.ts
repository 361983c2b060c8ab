// Operations and energy: both networks in three columns, and layer by layer.
import { barPlot } from '../../plots/bars.ts';
import { roundedScale, tickText } from '../../plots/scale.ts';
import { count, energy, figure } from '../table.ts';
import { type FigureOf, shown } from './figure.ts';
import { LAYER_AXIS, layerNumber, shortName } from './formats.ts';
import { overPositive } from './layers.ts';

/** The spiking network's energy over the ANN's, by each way of counting. */
export const energyRatio: FigureOf = (data) => {
  const { columns } = data.energy;
  const ratios = columns.map(({ ratio }) => ratio);
  if (ratios.every((ratio) => ratio === null)) return null;
  const title = 'Energy, spiking network over ANN';
  const description = columns
    .map((column) => `${column.title}: ${column.ratio === null ? 'unknown' : figure(column.ratio)}`)
    .join('. ');
  return {
    ...{ name: 'energy-ratio', title, description },
    caption:
      'Below 1 the spiking network needs less. What is counted decides: see the rules below. Figures of different columns are not to be compared with each other.',
    draw: (theme) =>
      barPlot(
        {
          ...{ id: 'energy-ratio', title, description },
          groups: ['arithmetic only', 'with memory', 'quantized ANN'],
          groupsLabel: '',
          groupNames: columns.map((column) => column.title),
          y: {
            scale: roundedScale(0, Math.max(1.2, ...ratios.map((ratio) => ratio ?? 0)), 4),
            ...{ label: 'energy ratio', format: tickText },
          },
          series: [{ label: 'ratio', values: ratios }],
          references: [{ label: 'as much as the ANN', y: 1 }],
        },
        theme,
      ),
    table: {
      headings: ['Column', 'SNN', 'ANN', 'Ratio'],
      rows: columns.map((column, i) => [
        column.title,
        shown<number>(data, `energy.columns.${i}.snnMj`, energy),
        shown<number>(data, `energy.columns.${i}.annMj`, energy),
        shown<number>(data, `energy.columns.${i}.ratio`, figure),
      ]),
    },
  };
};

/** Accumulates of the spiking network beside products of the ANN. */
export const layerOperations: FigureOf = (data) => {
  const { layers } = data.energy;
  const title = 'Operations of each layer';
  const description = layers
    .map(
      (layer) =>
        `${layerNumber(data, layer.name)} ${layer.name}: ${count(layer.accumulates)} accumulates, ${count(layer.annProducts)} products`,
    )
    .join('. ');
  const all = layers.flatMap((layer) => [layer.accumulates, layer.annProducts]);
  return {
    ...{ name: 'layer-operations', title, description },
    caption:
      'Accumulates that the spikes of a layer cause, beside the multiply-accumulates that the ANN makes of its values, for one image; logarithmic. By true fan-out: padding and zero weights count on neither side.',
    draw: (theme) =>
      barPlot(
        {
          ...{ id: 'layer-operations', title, description },
          groups: layers.map(({ name: layer }) => layerNumber(data, layer)),
          groupsLabel: LAYER_AXIS,
          groupNames: layers.map(({ name: layer }) => `${layerNumber(data, layer)} ${shortName(layer)}`),
          y: { scale: overPositive(all), label: 'operations per image', format: tickText },
          series: [
            { label: 'SNN, accumulates', values: layers.map(({ accumulates }) => accumulates) },
            { label: 'ANN, multiply-accumulates', values: layers.map(({ annProducts }) => annProducts) },
          ],
        },
        theme,
      ),
    table: {
      headings: ['Layer', 'Name', 'SNN accumulates', 'SNN products', 'ANN products'],
      rows: layers.map((layer, i) => [
        layerNumber(data, layer.name),
        shown<string>(data, `energy.layers.${i}.name`),
        shown<number>(data, `energy.layers.${i}.accumulates`, count),
        shown<number>(data, `energy.layers.${i}.products`, count),
        shown<number>(data, `energy.layers.${i}.annProducts`, count),
      ]),
    },
  };
};

/** One column by layer. */
function layerEnergy(column: number, name: string): FigureOf {
  return (data) => {
    const { layers, columns } = data.energy;
    const { title: how, rule } = columns[column]!;
    const title = `Energy of each layer: ${how.charAt(0).toLowerCase()}${how.slice(1)}`;
    const description = layers
      .map(({ name: layer, energy: pairs }) => {
        const { snnMj, annMj } = pairs[column]!;
        return `${layerNumber(data, layer)} ${layer}: SNN ${energy(snnMj)}, ANN ${energy(annMj)}`;
      })
      .join('. ');
    const of = (side: 'snnMj' | 'annMj') => layers.map(({ energy: pairs }) => pairs[column]![side]);
    return {
      ...{ name, title, description },
      caption: `For one image; logarithmic. ${rule}.`,
      draw: (theme) =>
        barPlot(
          {
            ...{ id: name, title, description },
            groups: layers.map(({ name: layer }) => layerNumber(data, layer)),
            groupsLabel: LAYER_AXIS,
            groupNames: layers.map(({ name: layer }) => `${layerNumber(data, layer)} ${shortName(layer)}`),
            y: {
              scale: overPositive([...of('snnMj'), ...of('annMj')]),
              label: 'energy per image',
              format: energy,
            },
            series: [
              { label: 'SNN', values: of('snnMj') },
              { label: 'ANN', values: of('annMj') },
            ],
          },
          theme,
        ),
      table: {
        headings: ['Layer', 'Name', 'SNN', 'ANN', 'Ratio'],
        rows: layers.map((layer, i) => [
          layerNumber(data, layer.name),
          shown<string>(data, `energy.layers.${i}.name`),
          shown<number>(data, `energy.layers.${i}.energy.${column}.snnMj`, energy),
          shown<number>(data, `energy.layers.${i}.energy.${column}.annMj`, energy),
          shown<number>(data, `energy.layers.${i}.energy.${column}.ratio`, figure),
        ]),
      },
    };
  };
}

export const energyCompute = layerEnergy(0, 'energy-compute');
export const energyMemory = layerEnergy(1, 'energy-memory');
export const energyMatched = layerEnergy(2, 'energy-bit-matched');
