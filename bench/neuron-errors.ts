// What one layer of neurons loses, for every function that neurons track: 4,096 neurons behind random weights, fed by
// spikes of the css encoder. The decoded output is compared with the function of what arrived, so that the encoder's error
// and that of other layers play no part. `--write` puts the tables into docs/neurons.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kappa } from '../src/encoders/kappa.ts';
import { type NeuronName, neuronNamed } from '../src/neurons/index.ts';
import type { NeuronParameters, Potentials } from '../src/neurons/neuron.ts';
import { type TsaParameters, TsaPopulation } from '../src/neurons/tsa.ts';
import { type Input, inputBehindMean, inputOf, normal } from './layer-input.ts';
import { productTable } from './product-errors.ts';

const NEURONS = 4096;
/** Potentials of a max-pool window. */
const WINDOW = 4;
const SIGMAS = [1, 3];
/** Share of the magnitudes that the code holds: the percentile of the conversion. */
const PERCENTILE = 0.9999;

const CODINGS = [
  { title: 'T = 12, beta = 1.5, Ts = 1, phi = 1/2 (css)', T: 12, beta: 1.5, Ts: 1, phi: 1 / 2 },
  { title: 'T = 12, beta = 1.5, Ts = 3, phi = 1/2', T: 12, beta: 1.5, Ts: 3, phi: 1 / 2 },
  { title: 'T = 8, beta = 2, Ts = 2, phi = 2/3 (canonical)', T: 8, beta: 2, Ts: 2, phi: 2 / 3 },
  { title: 'T = 16, beta = 1.5, Ts = 1, phi = 1/2', T: 16, beta: 1.5, Ts: 1, phi: 1 / 2 },
] as const;

interface Case {
  readonly label: string;
  readonly neuron: NeuronName;
  /** In the ANN's units. */
  readonly parameters?: Readonly<Record<string, number>>;
  readonly pooled?: boolean;
  readonly behindMean?: boolean;
}

const CASES: readonly Case[] = [
  { label: 'ReLU', neuron: 'tsa-relu' },
  { label: 'identity', neuron: 'tsa-identity' },
  { label: 'max-pool of 4, ReLU', neuron: 'tsa-relu', pooled: true },
  { label: 'max-pool of 4', neuron: 'tsa-identity', pooled: true },
  { label: 'Clip(0, 2)', neuron: 'tsa-clip', parameters: { low: 0, high: 2 } },
  { label: 'Clip(-1, 1)', neuron: 'tsa-clip', parameters: { low: -1, high: 1 } },
  { label: 'LeakyReLU, slope 0.1', neuron: 'tsa-leaky-relu', parameters: { slope: 0.1 } },
  { label: 'ELU', neuron: 'tsa-elu', parameters: { gain: 1, alpha: 1, width: 1 } },
  { label: 'SELU', neuron: 'tsa-elu', parameters: { gain: 1.0507, alpha: 1.67326, width: 1 } },
  { label: 'CELU, alpha 2', neuron: 'tsa-elu', parameters: { gain: 1, alpha: 2, width: 2 } },
  { label: 'SiLU', neuron: 'tsa-silu' },
  { label: 'HardSwish', neuron: 'tsa-hard-swish' },
  { label: 'GELU', neuron: 'tsa-gelu' },
  { label: 'GELU (tanh)', neuron: 'tsa-gelu-tanh' },
  { label: 'Mish', neuron: 'tsa-mish' },
  { label: 'Softplus', neuron: 'tsa-softplus' },
  { label: 'Sigmoid', neuron: 'tsa-sigmoid' },
  { label: 'HardSigmoid', neuron: 'tsa-hard-sigmoid', parameters: { slope: 1 / 6, offset: 1 / 2 } },
  { label: 'Tanh', neuron: 'tsa-tanh' },
  { label: 'Softsign', neuron: 'tsa-softsign' },
  { label: 'ReLU, behind a mean', neuron: 'tsa-relu', behindMean: true },
  { label: 'identity, behind a mean', neuron: 'tsa-identity', behindMean: true },
  { label: 'SiLU, behind a mean', neuron: 'tsa-silu', behindMean: true },
  { label: 'Sigmoid, behind a mean', neuron: 'tsa-sigmoid', behindMean: true },
];

type Coding = (typeof CODINGS)[number];

interface Measured {
  readonly error: number;
  readonly residual: number;
  readonly spikes: number;
}

function measure(
  { neuron: name, parameters = {}, pooled }: Case,
  coding: Coding,
  input: Input,
  sigma: number,
): Measured {
  const { T, beta } = coding;
  const neuron = neuronNamed(name);
  const size = pooled === true ? WINDOW : 1;
  const maxima = (h: ArrayLike<number>) =>
    Float64Array.from({ length: NEURONS }, (_, i) => {
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < size; k++) largest = Math.max(largest, h[i * size + k]!);
      return largest;
    });
  const given = (theta: number): NeuronParameters => {
    const inTheta = Object.entries({
      ...parameters,
      ...(neuron.parameters.includes('unit') ? { unit: 1 } : {}),
    });
    return Object.fromEntries(
      inTheta.map(([role, value]) => {
        const bounds = role === 'low' || role === 'high';
        const own = bounds ? value / theta : role === 'unit' ? theta : value;
        return [role, new Float64Array(NEURONS).fill(own)];
      }),
    );
  };
  const exact = maxima(input.arrived.map((v) => sigma * v));
  neuron.track(exact, exact, given(1), 1);
  const magnitudes = exact.map(Math.abs).sort();
  const theta = magnitudes[Math.floor(PERCENTILE * (NEURONS - 1))]! / kappa(T, beta);
  const layer: TsaParameters = {
    ...coding,
    neuron,
    parameters: given(theta),
    ...(size === 1 ? {} : { pool: (h: Potentials) => Float32Array.from(maxima(h)) }),
  };
  const population = new TsaPopulation(layer, NEURONS * size, NEURONS);
  const spikes = new Float32Array(NEURONS);
  let total = 0;
  for (let t = 1; t <= T + coding.Ts; t++) {
    const z = Float32Array.from({ length: NEURONS * size }, (_, i) =>
      t <= T ? (sigma * input.currents[t - 1]![i]!) / theta : 0,
    );
    population.step(t, z, spikes);
    if (t > coding.Ts) total += spikes.reduce((sum, s) => sum + Math.abs(s), 0);
  }
  const { decoded, residual } = population.atEnd();
  let error = 0;
  let power = 0;
  exact.forEach((value, i) => {
    error += (decoded[i]! * theta - value) ** 2;
    power += value ** 2;
  });
  const residuals = residual.map(Math.abs).sort();
  return {
    error: Math.sqrt(error / power),
    residual: residuals[Math.floor(0.999 * NEURONS)]!,
    spikes: total / NEURONS,
  };
}

const HEADINGS = ['function', ...SIGMAS.flatMap((s) => [`error, σ ${s}`, 'residual', 'spikes'])];

function markdown(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(HEADINGS), rule, ...rows.map(line)].join('\n');
}

const tables = CODINGS.map((coding) => {
  const input = inputOf(coding, NEURONS * WINDOW);
  const behindMean = inputBehindMean(coding, NEURONS);
  const rows = CASES.map((one) => [
    one.label,
    ...SIGMAS.flatMap((sigma) => {
      const { error, residual, spikes } = measure(
        one,
        coding,
        one.behindMean === true ? behindMean : input,
        sigma,
      );
      return [error.toFixed(4), residual.toFixed(2), spikes.toFixed(2)];
    }),
  ]);
  return `### ${coding.title}\n\n${markdown(rows)}`;
});
const text = [...tables, productTable(CODINGS, normal(20261121))].join('\n\n');
console.log(text);

if (process.argv.includes('--write')) {
  const page = fileURLToPath(new URL('../../docs/neurons.md', import.meta.url));
  const [begin, end] = ['<!-- neuron-errors -->', '<!-- /neuron-errors -->'];
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end} in docs/neurons.md`);
  writeFileSync(page, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}
