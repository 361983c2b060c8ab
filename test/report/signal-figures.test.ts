// Figures of encoded signals show the beginning of each feature, its spikes where they are.
import { expect, it } from 'vitest';
import { paperTheme } from '../../src/plots/theme.ts';
import { signalFigures } from '../../src/report/signal-figures.ts';
import { encodeSignal } from '../../src/signals/encoding.ts';
import { signalEncoderNamed } from '../../src/signals/index.ts';
import { measureEncoding } from '../../src/signals/measure.ts';
import { signalOf } from '../../src/signals/signal.ts';
import { syntheticVibration } from '../../src/signals/synthetic-vibration.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';

const figuresOf = (name: string, signal = syntheticVibration()) =>
  signalFigures(measureEncoding(signal, encodeSignal(signalEncoderNamed(name), signal)));

it('has every spike of the samples that it shows', () => {
  const signal = syntheticVibration();
  const encoding = encodeSignal(signalEncoderNamed('sf'), signal);
  const [figure] = signalFigures(measureEncoding(signal, encoding));
  const shown = encoding.spikes[0]!.subarray(0, 200);
  const count = (sign: number) => shown.filter((spike) => spike === sign).length;
  expect(count(1)).toBeGreaterThan(0);
  const svg = figure!.draw(paperTheme);
  const marks = [...svg.matchAll(/<path d="([^"]*)" stroke="[^"]*" stroke-width="1.4"/g)];
  expect(marks.map(([, d]) => d!.match(/M/g)!.length)).toEqual([count(1), count(-1)]);
  expect(figure!.table.rows).toHaveLength(200);
});

it('shows fewer samples where each takes several steps, and no NaN', () => {
  const [figure] = figuresOf('bin');
  expect(figure!.name).toBe('bin');
  expect(figure!.table.rows).toHaveLength(40);
  expect(figure!.draw(paperTheme)).not.toMatch(/NaN|Infinity/);
});

it('names a figure for each feature, also of a signal of one sample', () => {
  const signal = signalOf(floatTensor([2, 1], [1, 2]), 'signal', ['a b', 'a/b']);
  const figures = figuresOf('sf', signal);
  expect(figures.map(({ name }) => name)).toEqual(['sf-1-a-b', 'sf-2-a-b']);
  for (const { draw } of figures) expect(draw(paperTheme)).not.toMatch(/NaN|Infinity/);
});
