// The top of the page: what came out, in words and in a few large figures.
import { escapeText } from '../../plots/svg.ts';
import { type Shown, shown } from '../figures/figure.ts';
import { times } from '../figures/formats.ts';
import type { PageData } from '../page-data.ts';
import { energy, figure, percent } from '../table.ts';
import { paragraph, value } from './elements.ts';

interface Card {
  readonly label: string;
  readonly figure: Shown;
  /** HTML below it. */
  readonly note: string;
}

/** The summary, without a heading of its own: it stands under the page's. */
export function summary(data: PageData): string {
  return `<section id="summary" aria-label="Summary">
${paragraph(`${accuracySentence(data)} ${costSentence(data)}`, 'lead')}
<dl class="cards">
${cards(data)
  .map(
    ({ label, figure: large, note }) =>
      `<div><dt>${escapeText(label)}</dt><dd><span class="large">${value(large)}</span><span class="note">${note}</span></dd></div>`,
  )
  .join('\n')}
</dl>
</section>`;
}

function accuracySentence(data: PageData): string {
  const { report } = data;
  const { ann, snn, images, outputs } = report;
  const of = (path: string) => value(shown<number>(data, path, percent));
  const measured = value(shown<number>(data, 'report.images', (count) => `${count} test images`));
  if (snn.accuracy === null) {
    const agreement =
      snn.agreement === null ? '' : ` It gives the ANN’s answer to ${of('report.snn.agreement')} of them.`;
    const [output] = outputs;
    const error =
      output === undefined
        ? ''
        : ` Its first output differs from the ANN’s by ${of('report.outputs.0.relativeError')}.`;
    return `The spiking network was run on ${measured}.${agreement}${error}`;
  }
  const beside =
    ann.accuracy === null
      ? ''
      : `; the network that it was made of, ${of('report.ann.accuracy')}. Both give the same answer to ${of('report.snn.agreement')} of them`;
  return `<strong>The spiking network answers ${of('report.snn.accuracy')} of ${measured} correctly</strong>${beside}.${images < 100 ? ' So few images tell little.' : ''}`;
}

function costSentence(data: PageData): string {
  const steps = value(shown<number>(data, 'report.latency.steps', (count) => `${count} time steps`));
  const ratio = (column: number) => value(shown<number>(data, `energy.columns.${column}.ratio`, times));
  const bits = value(shown<number>(data, 'energy.bits'));
  const latency = `An answer takes ${steps}.`;
  if (data.energy.columns[0]!.ratio === null) return latency;
  return `${latency} By arithmetic alone an image costs ${ratio(0)} the ANN’s energy; with memory accesses on both sides, ${ratio(1)}; and by arithmetic with 8-bit weights, ${ratio(2)} that of a quantized ANN with ${bits}-bit activations.`;
}

function cards(data: PageData): Card[] {
  const { report, intervals } = data;
  const range = (of: 'ann' | 'snn') => {
    if (intervals[of] === null) return '';
    const [low, high] = (['low', 'high'] as const).map((end) =>
      value(shown<number>(data, `intervals.${of}.${end}`, percent)),
    );
    return `95 % interval ${low} to ${high}`;
  };
  const column = (i: number) => {
    const [snn, ann] = (['snnMj', 'annMj'] as const).map((side) =>
      value(shown<number>(data, `energy.columns.${i}.${side}`, energy)),
    );
    return `${snn} against ${ann}`;
  };
  const interval = value(shown<number>(data, 'report.latency.interval', (steps) => `${steps} steps`));
  const perImage = value(
    shown<number>(data, 'report.spikes.total', (spikes) => `${Math.round(spikes).toLocaleString('en-GB')}`),
  );
  const percentOf = (path: string) => shown<number>(data, path, percent);
  return [
    ...(report.snn.accuracy === null
      ? []
      : [
          { label: 'SNN accuracy', figure: percentOf('report.snn.accuracy'), note: range('snn') },
          { label: 'ANN accuracy', figure: percentOf('report.ann.accuracy'), note: range('ann') },
          {
            label: 'Conversion loss',
            figure: shown<number>(data, 'report.conversionLoss', points),
            note: 'percentage points, ANN − SNN',
          },
        ]),
    {
      label: 'Latency',
      figure: shown<number>(data, 'report.latency.steps', (steps) => `${steps} steps`),
      note: `a new image every ${interval}`,
    },
    {
      label: 'Spikes per neuron',
      figure: shown<number>(data, 'report.spikes.perNeuron', (rate) => rate.toFixed(2)),
      note: `${perImage} per image`,
    },
    ...data.energy.columns.map((one, i) => ({
      label: `Energy, ${CARD_TITLES[one.name]}`,
      figure: shown<number>(data, `energy.columns.${i}.ratio`, (ratio) => `${figure(ratio)} ×`),
      note: column(i),
    })),
  ];
}

/** Short enough for one line. */
const CARD_TITLES = {
  compute: 'arithmetic only',
  memory: 'with memory',
  'bit-matched': 'quantized ANN',
} as const;

/** A difference of fractions in percentage points. */
function points(difference: number): string {
  return (100 * difference).toFixed(2).replace('-', '−');
}
