// Amplitudes adjusted from residuals (CSS appendix A.3, Eq. A18). A neuron whose membrane keeps more than a spike at the end
// of its window did not keep up; with a larger amplitude each spike takes more off. Simulate, enlarge where that is so,
// convert again, a few times over; the round that leaves the smallest of the largest residuals is kept.
//
//   u = 99.9th percentile of |residual| of a layer in units of its theta; where u > 1, with d = (u - 1) / K,
//   theta *= 1 + d         for d > 0.05
//            1 + d + 0.03  for 0.01 < d <= 0.05
//            1 + 4 d       for d <= 0.01
import { emptyHistogram, observe, percentile } from '../calibration/histogram.ts';
import type { Dataset } from '../data/dataset.ts';
import { preprocess } from '../data/preprocessing.ts';
import { kappa } from '../encoders/kappa.ts';
import type { Engine } from '../engines/engine.ts';
import { Ann2SnnError } from '../errors.ts';
import type { Progress } from '../progress.ts';
import { imageShapeOf } from '../snn/network/inputs.ts';
import { type Network, neuronLayers } from '../snn/network/network.ts';

/** Images that are simulated unless told otherwise: the first ones. */
const SIMULATED = 64;

const PERCENTILE = 99.9;

/** Factors of the amplitudes, by layer. */
export type Scales = ReadonlyMap<string, number>;

export interface AdjustOptions {
  readonly engine: Engine;
  /** How often amplitudes are adjusted, at most. */
  readonly rounds: number;
  /** Layers whose amplitude may change: not those that a quantizer gives it. */
  readonly adjustable: ReadonlySet<string>;
  /** Images simulated in each round: 64 unless given. */
  readonly images?: number;
  readonly progress?: Progress;
}

/** What an adjustment did. Residuals are in units of theta, the largest of the adjustable layers. */
export interface Adjustment {
  /** The factors of the round that is kept. */
  readonly scales: Scales;
  /** The round whose largest residual is the smallest, the first of such; 0 where no round beats the amplitudes as measured. */
  readonly kept: number;
  readonly images: number;
  readonly rounds: readonly { readonly layers: number; readonly before: number; readonly after: number }[];
}

/**
 * Enlarges the amplitudes of the layers that do not keep up, until all do or the rounds are over, and keeps the best round.
 * @param build the network with amplitudes multiplied
 * @throws Ann2SnnError `invalid-option` where there is nothing that could be adjusted.
 */
export async function adjustAmplitudes(
  build: (scales: Scales) => Network,
  dataset: Dataset,
  options: AdjustOptions,
): Promise<Adjustment> {
  const { rounds, adjustable } = options;
  const problems = [
    ...(Number.isInteger(rounds) && rounds > 0
      ? []
      : [{ where: 'adjust', message: `expected a whole number of rounds above 0, found ${rounds}` }]),
    ...(adjustable.size > 0
      ? []
      : [
          {
            where: 'adjust',
            message: "expected measured amplitudes, found every layer's given by its quantizer",
          },
        ]),
  ];
  if (problems.length > 0) throw new Ann2SnnError('invalid-option', problems);
  const images = Math.min(options.images ?? SIMULATED, dataset.count);
  let network = build(new Map());
  const K = kappa(network.coding.T, network.coding.beta);
  const scales = new Map<string, number>();
  const done: Adjustment['rounds'][number][] = [];
  const simulate = (round: number) =>
    residualsOf(network, dataset, images, options, (at) => {
      options.progress?.(round * images + at, (rounds + 1) * images);
    });
  let residuals = await simulate(0);
  let best = { scales: new Map(scales), kept: 0, residual: largestOf(residuals) };
  while (done.length < rounds) {
    const behind = [...residuals].filter(([, u]) => u > 1);
    if (behind.length === 0) break;
    for (const [layer, u] of behind) scales.set(layer, (scales.get(layer) ?? 1) * enlargement(u, K));
    network = build(scales);
    const before = largestOf(residuals);
    residuals = await simulate(done.length + 1);
    const after = largestOf(residuals);
    done.push({ layers: behind.length, before, after });
    if (after < best.residual) best = { scales: new Map(scales), kept: done.length, residual: after };
  }
  // Fewer rounds than asked for leave the progress short of its end.
  options.progress?.((rounds + 1) * images, (rounds + 1) * images);
  return { scales: best.scales, kept: best.kept, images, rounds: done };
}

/**
 * The factor of an amplitude whose layer keeps `u` spikes back (CSS Eq. A18, printed there for theta = 1).
 * @param K the largest code, in units of theta
 */
export function enlargement(u: number, K: number): number {
  const d = (u - 1) / K;
  if (d <= 0) return 1;
  if (d <= 0.01) return 1 + 4 * d;
  return d <= 0.05 ? 1 + d + 0.03 : 1 + d;
}

function largestOf(residuals: ReadonlyMap<string, number>): number {
  return Math.max(0, ...residuals.values());
}

/** The 99.9th percentile of |residual| of every adjustable layer, in units of theta. */
async function residualsOf(
  network: Network,
  dataset: Dataset,
  images: number,
  { engine, adjustable }: AdjustOptions,
  progress: (done: number) => void,
): Promise<ReadonlyMap<string, number>> {
  const layers = neuronLayers(network).filter(({ name }) => adjustable.has(name));
  const found = new Map(layers.map(({ name }) => [name, emptyHistogram()]));
  const compiled = await engine.compile(network);
  const batch = engine.batch(network);
  try {
    for (let from = 0; from < images; from += batch) {
      const to = Math.min(from + batch, images);
      const raw = await dataset.read(from, to);
      const pictures = preprocess(raw, network.preprocessing, imageShapeOf(network));
      const trace = await compiled.run(pictures, { states: true });
      for (const [name, histogram] of found) observe(histogram, trace.layers.get(name)!.residual!);
      progress(to);
    }
  } finally {
    await compiled.release();
  }
  return new Map([...found].map(([name, histogram]) => [name, percentile(histogram, PERCENTILE)]));
}
