// The plots of docs/codings: what one neuron of each coding emits for a range of values. `npm run plots` writes them.
import { baselineCodingNamed } from './codings/index.ts';
import { neuronResponses } from './codings/single-neuron.ts';
import { encoderResponses, stepwiseResponses } from './codings/stepwise-neuron.ts';
import { encoders } from './encoders/index.ts';
import type { Figure } from './report/figures/figure.ts';
import { responseFigure } from './report/response-figure.ts';
import { codingOf } from './snn/network/coding.ts';

/** Values from 0 to just above what the codes reach, 1; every tenth shows its spikes. */
const VALUES = Array.from({ length: 451 }, (_, i) => i / 400);
const EVERY = 10;

/** Few steps, so that the stairs can be seen. */
const STEPWISE = { css: 6, canonical: 5, sws: 5 } as const;
const ENCODED = { T: 6, beta: 1.5 } as const;
const BASELINES = {
  ...{ rate: 16, 'rate-half': 16, 'rate-hard': 16, 'rate-signed': 16 },
  ...{ fs: 5, ttfs: 16, tsc: 16, phase: 32, burst: 32 },
} as const;

/**
 * What negative spikes are for: input that is too much at first and taken back later. Three times the value in the first half
 * and -1 times in the second one is once the value in all.
 */
const EARLY = Array.from({ length: BASELINES['rate-signed'] }, (_, t) => (t < 8 ? 3 : -1));

/** One figure for each neuron that differs from the others, and for each encoder that spikes. */
export async function codingFigures(): Promise<Figure[]> {
  const shown = { every: EVERY };
  const stepwise = entries(STEPWISE).map(([name, T]) => {
    const coding = codingOf(name, { T });
    const title = `A neuron of ${name}, T = ${T}, beta = ${coding.beta}, Ts = ${coding.Ts}`;
    return responseFigure({
      ...{ name, title, ...shown, silent: coding.Ts },
      responses: stepwiseResponses(coding, VALUES),
    });
  });
  const { T: length, beta } = ENCODED;
  const encoding = encoders
    .filter(({ spikes }) => spikes)
    .map(({ name }) =>
      responseFigure({
        ...{ name: `encoder-${name}`, title: `The encoder ${name}, T = ${length}, beta = ${beta}`, ...shown },
        responses: encoderResponses({ ...ENCODED, encoder: name }, VALUES),
      }),
    );
  const baselines: Figure[] = [];
  for (const [name, T] of entries(BASELINES)) {
    const early = name === 'rate-signed';
    const responses = await neuronResponses(baselineCodingNamed(name), T, VALUES, ...(early ? [EARLY] : []));
    const title = `A neuron of ${name}, T = ${T}${early ? ', its input early and then taken back' : ''}`;
    baselines.push(responseFigure({ name, title, ...shown, responses }));
  }
  return [...stepwise, ...encoding, ...baselines];
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): readonly (readonly [K, V])[] {
  return Object.entries(record) as [K, V][];
}
