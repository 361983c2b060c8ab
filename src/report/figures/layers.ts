// Figures with one bar for each layer: where a conversion loses, and how busy layers are.
import { barPlot } from '../../plots/bars.ts';
import { logScale, roundedScale, type Scale, tickText } from '../../plots/scale.ts';
import type { PageData } from '../page-data.ts';
import type { LayerReport } from '../report.ts';
import { figure, percent } from '../table.ts';
import { type Figure, type FigureOf, shown } from './figure.ts';
import { LAYER_AXIS, numbers, percentTick, shortName } from './formats.ts';

/** One number of each layer. */
interface PerLayer {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly field: 'decodedError' | 'residualP999' | 'saturated' | 'spikesPerNeuron';
  readonly label: string;
  /** On the axis, and in the table. */
  readonly tick: (value: number) => string;
  readonly text: (value: number) => string;
  readonly references?: readonly { readonly label: string; readonly y: number }[];
}

function perLayer(data: PageData, { name, title, caption, field, label, ...plot }: PerLayer): Figure | null {
  const { layers } = data.report;
  const values = layers.map((layer) => layer[field]);
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const largest = Math.max(...known);
  const worst = layers[values.indexOf(largest)]!;
  const description = `${layers.length} layers; the largest value is ${plot.text(largest)}, of layer ${values.indexOf(largest) + 1}, ${worst.name}.`;
  return {
    ...{ name, title, caption, description },
    draw: (theme) =>
      barPlot(
        {
          ...{ id: name, title, description },
          groups: numbers(layers.length),
          groupsLabel: LAYER_AXIS,
          groupNames: layers.map((layer, i) => `${i + 1} ${shortName(layer.name)}`),
          y: {
            scale: fromZero([largest, ...(plot.references ?? []).map(({ y }) => y)]),
            label,
            format: plot.tick,
          },
          series: [{ label, values }],
          references: plot.references ?? [],
        },
        theme,
      ),
    table: {
      headings: ['Layer', 'Name', title],
      rows: layers.map((_, i) => [
        String(i + 1),
        shown<string>(data, `report.layers.${i}.name`),
        shown<number>(data, `report.layers.${i}.${field}`, plot.text),
      ]),
    },
  };
}

/** The decoded value of each layer against the ANN's. */
export const decodedError: FigureOf = (data) =>
  perLayer(data, {
    name: 'decoded-error',
    title: 'Decoded error of each layer',
    caption:
      'Root-mean-square difference between what the spikes of a layer stand for and the ANN’s value, as a share of the latter. It grows where a layer loses by itself and is carried on from there.',
    field: 'decodedError',
    label: 'relative RMS error',
    tick: percentTick,
    text: percent,
  });

/** What is left in the membranes of each layer. */
export const residualLayers: FigureOf = (data) =>
  perLayer(data, {
    name: 'residual-layers',
    title: 'Residual of each layer',
    caption:
      '99.9th percentile of what is left in the membranes at the end, in units of the spike amplitude theta. Neurons that keep up leave at most one half.',
    field: 'residualP999',
    label: 'residual, theta',
    tick: tickText,
    text: figure,
    references: [{ label: 'half a spike', y: 0.5 }],
  });

/** How often the code of each layer is full. */
export const saturation: FigureOf = (data) =>
  perLayer(data, {
    name: 'saturation',
    title: 'Saturation of each layer',
    caption: 'Share of the values whose code was full, so that no later spike could have raised it.',
    field: 'saturated',
    label: 'values with a full code',
    tick: percentTick,
    text: (value) => (value === 0 || value >= 1e-4 ? percent(value) : `${(100 * value).toExponential(1)} %`),
  });

/** How often the neurons of each layer fire. */
export const firingRates: FigureOf = (data) =>
  perLayer(data, {
    name: 'firing-rates',
    title: 'Spikes per neuron',
    caption: `Spikes of either sign that a neuron of each layer emits for one image, of at most ${data.report.coding.T}.`,
    field: 'spikesPerNeuron',
    label: 'spikes per neuron and image',
    tick: tickText,
    text: (value) => value.toFixed(2),
  });

/** Spikes at each step of the first and the last layer (CSS Fig. 2). */
export const spikeDistribution: FigureOf = (data) => {
  const of = (layers: readonly LayerReport[]) => layers.filter(({ kind }) => kind !== 'encoder');
  const neurons = of(data.report.layers);
  const [first, last] = [neurons[0], neurons.at(-1)];
  if (first === undefined || last === undefined) return null;
  const chosen = first === last ? [first] : [first, last];
  const index = (layer: LayerReport) => data.report.layers.indexOf(layer);
  const { T } = data.report.coding;
  const title = 'When neurons spike: first and last layer';
  const label = (layer: LayerReport) => (layer === first ? 'first layer' : 'last layer');
  const description = chosen
    .map(
      (layer) =>
        `${label(layer)}, ${layer.name}: ${layer.ratePerStep.map((rate) => percent(rate)).join(', ')}`,
    )
    .join('. ');
  return {
    ...{ name: 'spike-distribution', title, description },
    caption:
      'Share of the neurons of the first and the last layer of neurons that spike at each step of their own window. A last layer that spikes late waits for spikes that are late (temporal coupling), which a silent period counters.',
    draw: (theme) =>
      barPlot(
        {
          ...{ id: 'spike-distribution', title, description },
          groups: numbers(T),
          groupsLabel: 'step of the layer’s window',
          y: {
            scale: fromZero(chosen.flatMap(({ ratePerStep }) => ratePerStep)),
            ...{ label: 'neurons that spike', format: percentTick },
          },
          series: chosen.map((layer) => ({ label: label(layer), values: layer.ratePerStep })),
        },
        theme,
      ),
    table: {
      headings: ['Step', ...chosen.map(label)],
      rows: numbers(T).map((step, t) => [
        step,
        ...chosen.map((layer) =>
          shown<number>(data, `report.layers.${index(layer)}.ratePerStep.${t}`, percent),
        ),
      ]),
    },
  };
};

/** From 0 to a round number above all. */
export function fromZero(values: readonly number[]): Scale {
  const most = Math.max(...values);
  return roundedScale(0, most > 0 ? most : 1, 4);
}

/** Logarithmic over the positive ones. */
export function overPositive(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  return positive.length === 0 ? logScale(1, 10) : logScale(Math.min(...positive), Math.max(...positive), 5);
}
