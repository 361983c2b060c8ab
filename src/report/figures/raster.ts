// The spikes of one image, all layers over time.
import { rasterPlot } from '../../plots/raster.ts';
import { plural } from '../table.ts';
import { type FigureOf, shown } from './figure.ts';

/** A spike raster: the window of each layer opens when its sources are complete enough. */
export const spikeRaster: FigureOf = (data) => {
  if (data.raster === null) return null;
  const { image, label, answer, steps, layers } = data.raster;
  const { T } = data.report.coding;
  const title = `Spikes of image ${image}`;
  const spikes = layers.reduce((sum, layer) => sum + layer.spikes.length, 0);
  const rows = layers.reduce((sum, { shown: some }) => sum + some.length, 0);
  const answered =
    answer === null ? '' : ` Class ${answer} is the answer${label === null ? '' : `, ${label} the label`}.`;
  const description = `${plural(spikes, 'spike')} of ${plural(rows, 'neuron')} in ${plural(layers.length, 'layer')} over ${steps} time steps.${answered}`;
  return {
    ...{ name: 'spike-raster', title, description },
    caption: `Each row is a neuron, each block a layer from the input (top) to the last; ${rows} neurons at equal distances are shown of ${layers.reduce((sum, layer) => sum + layer.neurons, 0)}.${answered}`,
    draw: (theme) =>
      rasterPlot(
        {
          ...{ id: 'spike-raster', title, description, steps },
          layers: layers.map((layer, i) => ({
            label: String(i + 1),
            rows: layer.shown.length,
            window: { from: layer.start, steps: T },
            spikes: layer.spikes,
          })),
        },
        theme,
      ),
    table: {
      headings: ['Layer', 'Name', 'Neurons', 'Window opens at step', 'Spikes of the neurons shown'],
      rows: layers.map((layer, i) => [
        String(i + 1),
        shown<string>(data, `raster.layers.${i}.name`),
        shown<number>(data, `raster.layers.${i}.neurons`),
        String(layer.start + 1),
        String(layer.spikes.length),
      ]),
    },
  };
};
