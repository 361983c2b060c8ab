// The distribution of what is left in the membranes (CSS Fig. 2 (c)).
import { histogramPlot } from '../../plots/histogram.ts';
import { linearScale, logScale, tickText } from '../../plots/scale.ts';
import type { ResidualTable } from '../page-data.ts';
import { percent } from '../table.ts';
import type { FigureOf } from './figure.ts';
import { percentTick } from './formats.ts';

/** Bins of the table are the plot's, this many taken together. */
const TOGETHER = 10;

/** Residuals of all neurons, and of the layer in which most is left. */
export const residualDistribution: FigureOf = (data) => {
  const { edges, layers, images } = data.residuals;
  if (layers.length === 0) return null;
  const worst = worstLayer(data.residuals);
  const number = data.report.layers.findIndex(({ name }) => name === worst.name) + 1;
  const series = [
    { label: 'all layers', heights: shares(layers) },
    ...(layers.length < 2 ? [] : [{ label: `layer ${number}, with most left`, heights: shares([worst]) }]),
  ];
  const title = 'What is left in the membranes';
  const kept = series[0]!.heights.reduce(
    (sum, share, bin) => (edges[bin]! >= -0.5 - 1e-9 && edges[bin + 1]! <= 0.5 + 1e-9 ? sum + share : sum),
    0,
  );
  const description = `${percent(kept)} of the residuals of all neurons lie within half a spike amplitude. The layer in which most is left is layer ${number}, ${worst.name}.`;
  const smallest = Math.min(...series.flatMap(({ heights }) => heights.filter((share) => share > 0)));
  return {
    ...{ name: 'residual-distribution', title, description },
    caption: `Residuals at the end of the window in units of theta, of every neuron on ${images} images; logarithmic. Within the shaded half-spike on either side nothing is lost but rounding.`,
    draw: (theme) =>
      histogramPlot(
        {
          ...{ id: 'residual-distribution', title, description, edges, series },
          x: { scale: linearScale(edges[0]!, edges.at(-1)!, 8), label: 'residual, theta', format: tickText },
          y: {
            scale: logScale(Math.max(smallest, 1e-7), 1, 6),
            label: 'share of the neurons',
            format: percentTick,
          },
          region: { from: -0.5, to: 0.5 },
        },
        theme,
      ),
    table: {
      headings: ['Residual, theta', ...series.map(({ label }) => label)],
      rows: Array.from({ length: series[0]!.heights.length / TOGETHER }, (_, i) => [
        `${tickText(round(edges[i * TOGETHER]!))} to ${tickText(round(edges[(i + 1) * TOGETHER]!))}`,
        ...series.map(({ heights }) =>
          small(heights.slice(i * TOGETHER, (i + 1) * TOGETHER).reduce((a, b) => a + b, 0)),
        ),
      ]),
    },
  };
};

type Layer = ResidualTable['layers'][number];

function total({ counts, below, above }: Layer): number {
  return counts.reduce((a, b) => a + b, below + above);
}

/** Share of each bin in all values of some layers. */
function shares(layers: readonly Layer[]): number[] {
  const all = layers.reduce((sum, layer) => sum + total(layer), 0);
  return layers[0]!.counts.map((_, bin) => layers.reduce((sum, { counts }) => sum + counts[bin]!, 0) / all);
}

/** The layer with the largest share of residuals beyond half a theta. */
function worstLayer({ edges, layers }: ResidualTable): Layer {
  const beyond = (layer: Layer) => {
    const within = layer.counts.reduce(
      (sum, count, bin) => (edges[bin]! >= -0.5 - 1e-9 && edges[bin + 1]! <= 0.5 + 1e-9 ? sum + count : sum),
      0,
    );
    return 1 - within / total(layer);
  };
  return layers.reduce((worst, layer) => (beyond(layer) > beyond(worst) ? layer : worst));
}

const round = (value: number) => Number(value.toFixed(6));

function small(share: number): string {
  return share === 0 || share >= 1e-4 ? percent(share) : `${(100 * share).toExponential(1)} %`;
}
