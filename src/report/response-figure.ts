// What a neuron of a coding emits for a range of values, as a figure.
import { responsePlot } from '../plots/response.ts';
import type { Figure } from './figures/figure.ts';
import { figure as number, plural } from './table.ts';

/** Spikes and decoded value of one value; src/codings makes them. */
export interface Response {
  readonly value: number;
  readonly spikes: readonly number[];
  readonly decoded: number;
}

export interface ResponseFigure {
  /** Name of the file, and of the coding. */
  readonly name: string;
  readonly title: string;
  /** Ascending by value from 0 on, evenly apart. */
  readonly responses: readonly Response[];
  /** Every so many-th value has its spikes shown. */
  readonly every: number;
  /** Steps before the neuron may fire. */
  readonly silent?: number;
}

/** The figure; its table is that of the values whose spikes are shown. */
export function responseFigure({ name, title, responses, every, silent = 0 }: ResponseFigure): Figure {
  const rows = responses.filter((_, i) => i % every === 0);
  const steps = rows[0]!.spikes.length;
  const largest = Math.max(
    ...responses.map(({ value, decoded }) => (value <= 1 ? Math.abs(decoded - value) : 0)),
  );
  const spikes = rows.map((row) => row.spikes.filter((spike) => spike !== 0).length);
  const description = `${title}: spikes over ${steps} steps for values from 0 to ${rows.at(-1)!.value}, and what they decode to. At most ${plural(Math.max(...spikes), 'spike')} a value; up to 1 the decoded value is off by ${number(largest)} at most.`;
  return {
    ...{ name, title, description, caption: title },
    draw: (theme) =>
      responsePlot(
        {
          ...{ id: name, title, description, steps, rows, decoded: responses },
          window: { from: silent, steps: steps - silent },
        },
        theme,
      ),
    table: {
      headings: ['Value', 'Spikes', 'Decoded'],
      rows: rows.map((row) => [String(row.value), row.spikes.join(' '), String(row.decoded)]),
    },
  };
}
