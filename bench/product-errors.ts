// What a product of two running values loses: tracked by neurons with two membranes, or computed when both windows are
// complete and encoded anew. Both factors arrive as spikes of the css encoder.
import { css } from '../src/encoders/css.ts';
import { kappa } from '../src/encoders/kappa.ts';
import { SpikeEncoder } from '../src/encoders/spike-encoder.ts';
import { neuronNamed } from '../src/neurons/index.ts';
import { TsaPopulation } from '../src/neurons/tsa.ts';

const PRODUCTS = 20_000;

interface Coding {
  readonly title: string;
  readonly T: number;
  readonly beta: number;
  readonly Ts: number;
  readonly phi: number;
}

interface Lost {
  /** Relative to the product of what arrived. */
  readonly error: number;
  readonly spikes: number;
}

/** Spikes of values, step by step, with what they add up to. */
function encoded(values: Float32Array, { T, beta }: Coding) {
  const theta = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / kappa(T, beta);
  const encoder = new SpikeEncoder(css, { T, beta }, theta, values);
  const arrived = new Float64Array(values.length);
  let spikes = 0;
  const trains = Array.from({ length: T }, () => {
    const out = new Float32Array(values.length);
    encoder.step(out);
    out.forEach((s, i) => {
      arrived[i] = beta * arrived[i]! + theta * s;
      spikes += Math.abs(s);
    });
    return out.map((s) => theta * s);
  });
  return { trains, arrived, spikes: spikes / values.length };
}

function tracked(a: ReturnType<typeof encoded>, b: typeof a, theta: number, coding: Coding) {
  const { T, Ts } = coding;
  const neuron = neuronNamed('tsa-identity');
  const population = new TsaPopulation({ ...coding, neuron }, PRODUCTS, PRODUCTS, true);
  const out = new Float32Array(PRODUCTS);
  const silence = new Float32Array(PRODUCTS);
  let spikes = 0;
  for (let t = 1; t <= T + Ts; t++) {
    const current = t <= T ? a.trains[t - 1]!.map((z) => z / theta) : silence;
    population.step(t, current, out, t <= T ? b.trains[t - 1]! : silence);
    if (t > Ts) spikes += out.reduce((sum, s) => sum + Math.abs(s), 0);
  }
  return { decoded: population.atEnd().decoded.map((v) => v * theta), spikes: spikes / PRODUCTS };
}

function compared(gate: (x: number) => number, normal: () => number, coding: Coding) {
  const draw = (f: (x: number) => number) => Float32Array.from({ length: PRODUCTS }, () => f(normal()));
  const [a, b] = [
    encoded(
      draw((x) => Math.max(0, x)),
      coding,
    ),
    encoded(draw(gate), coding),
  ];
  const exact = Float32Array.from(a.arrived, (value, i) => value * b.arrived[i]!);
  const magnitudes = exact.map(Math.abs).sort();
  const theta = magnitudes[Math.floor(0.9999 * (PRODUCTS - 1))]! / kappa(coding.T, coding.beta);
  const lost = (decoded: ArrayLike<number>, spikes: number): Lost => {
    let [error, power] = [0, 0];
    exact.forEach((value, i) => {
      error += (decoded[i]! - value) ** 2;
      power += value ** 2;
    });
    return { error: Math.sqrt(error / power), spikes };
  };
  const neurons = tracked(a, b, theta, coding);
  const encoder = new SpikeEncoder(css, coding, theta, exact);
  const decoded = new Float64Array(PRODUCTS);
  const out = new Float32Array(PRODUCTS);
  let spikes = 0;
  for (let t = 0; t < coding.T; t++) {
    encoder.step(out);
    out.forEach((s, i) => {
      decoded[i] = coding.beta * decoded[i]! + theta * s;
      spikes += Math.abs(s);
    });
  }
  return { tracked: lost(neurons.decoded, neurons.spikes), anew: lost(decoded, spikes / PRODUCTS) };
}

/** A table of both ways, for a ReLU times a ReLU and times a sigmoid of 2x. */
export function productTable(codings: readonly Coding[], normal: () => number): string {
  const gates: readonly (readonly [string, (x: number) => number])[] = [
    ['ReLU', (x) => Math.max(0, x)],
    ['sigmoid', (x) => 1 / (1 + Math.exp(-2 * x))],
  ];
  const rows = codings.flatMap((coding) =>
    gates.map(([name, gate]) => {
      const { tracked: one, anew } = compared(gate, normal, coding);
      const figures = [
        one.error.toFixed(4),
        one.spikes.toFixed(2),
        anew.error.toFixed(4),
        anew.spikes.toFixed(2),
      ];
      return `| ${coding.title}, ReLU x ${name} | ${figures.join(' | ')} |`;
    }),
  );
  return [
    '### A product of two running values',
    '',
    '| | tracked: error | spikes | encoded anew: error | spikes |',
    '|---|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}
