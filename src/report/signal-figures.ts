// An encoded signal as figures: one for each feature, its beginning with spikes and reconstruction.
import { linearScale, roundedScale, tickText } from '../plots/scale.ts';
import { signalPlot } from '../plots/signal.ts';
import { layoutOf } from '../signals/encoding.ts';
import type { MeasuredEncoding } from '../signals/measure.ts';
import type { Figure } from './figures/figure.ts';
import { figure as number, percent } from './table.ts';

/** Samples that a figure shows at most, and steps: more could not be told apart. */
const MOST_SAMPLES = 200;
const MOST_STEPS = 400;

/** The figures of an encoding; names begin with that of the method. */
export function signalFigures(measured: MeasuredEncoding): Figure[] {
  const { features } = measured.signal;
  return features.map(({ name }, f) => {
    const file = features.length === 1 ? '' : `-${f + 1}-${name.replace(/[^\w-]+/g, '-')}`;
    return featureFigure(measured, f, `${measured.encoding.encoder.name}${file}`);
  });
}

function featureFigure(measured: MeasuredEncoding, f: number, name: string): Figure {
  const { signal, encoding, reconstruction, mseOfFeatures, metrics } = measured;
  const { channels, steps } = layoutOf(encoding);
  const shown = Math.min(signal.time, MOST_SAMPLES, Math.max(2, Math.floor(MOST_STEPS / steps)));
  const given = signal.features[f]!.values.subarray(0, shown);
  const decoded = reconstruction.features[f]!.values.subarray(0, shown);
  const all = [...given, ...decoded];
  const train = encoding.spikes[f]!;
  const spikes = Array.from({ length: channels }, (_, c) => c).flatMap((c) =>
    Array.from(train.subarray(c * signal.time * steps, c * signal.time * steps + shown * steps)).flatMap(
      // The steps of a sample stand around its place.
      (sign, t) => (sign === 0 ? [] : [[c, (t + 0.5) / steps - 0.5, sign] as const]),
    ),
  );
  const { title: method } = encoding.encoder;
  const title = `${method}: ${signal.features[f]!.name}`;
  const rows = channels === 1 ? 'one train of spikes' : `${channels} trains of spikes`;
  const description = `The first ${shown} of ${signal.time} samples, decoded, and ${rows} of ${steps === 1 ? 'one step' : `${steps} steps`} a sample: ${spikes.length} spikes. Mean square error of the whole feature: ${number(mseOfFeatures[f]!)}; ${percent(metrics.sparsity)} of all positions are without a spike.`;
  return {
    ...{ name, title, description, caption: description },
    draw: (theme) =>
      signalPlot(
        {
          ...{ id: name, title, description, trains: channels, spikes, signal: given },
          reconstruction: decoded,
          x: { scale: linearScale(-0.5, shown - 0.5, 6), label: 'sample', format: tickText },
          y: {
            scale: roundedScale(Math.min(...all), Math.max(...all), 4),
            ...{ label: signal.features[f]!.name, format: tickText },
          },
        },
        theme,
      ),
    table: {
      headings: ['Sample', 'Signal', 'Decoded'],
      rows: Array.from(given, (value, t) => [String(t), String(value), String(decoded[t]!)]),
    },
  };
}
