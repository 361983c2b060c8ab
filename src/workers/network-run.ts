// One network of many on the same images, in one thread: converted networks are compared by what this gives.
import { basename } from 'node:path';
import type { Dataset } from '../data/dataset.ts';
import { decided } from '../engines/auto/index.ts';
import type { Engine } from '../engines/engine.ts';
import { engineNamed } from '../engines/index.ts';
import type { Discordant } from '../metrics/confidence.ts';
import { type Residuals, residualsOf } from '../metrics/diagnosis.ts';
import { rateImages, withSpikeRates } from '../metrics/spike-rates.ts';
import { buildReport } from '../report/build-report.ts';
import type { Report } from '../report/report.ts';
import type { Network } from '../snn/network/network.ts';
import type { FloatTensor } from '../tensor/tensor.ts';
import { evaluationSums } from './evaluation-sums.ts';
import { Measurement, type Watch } from './measurement.ts';
import type { RecordedOriginal } from './original.ts';
import { addSums, emptySums } from './shard-sums.ts';
import { cutShards, type Shard } from './shards.ts';

/** What all networks are measured on. */
export interface Ground {
  readonly dataset: Pick<Dataset, 'path' | 'sha256' | 'count' | 'labels' | 'read'>;
  readonly engine: Engine;
  /** The ANN's answers; null without it. */
  readonly original: RecordedOriginal | null;
  /** Images [N, ...image], normalised, on which a network's spike rates are measured as `convert` does; null: not measured. */
  readonly rateImages: FloatTensor | null;
}

/** What one network gave on all images. */
export interface NetworkFigures {
  readonly report: Report;
  /** Null where no layer was diagnosed. */
  readonly residuals: Residuals | null;
  /** Images that only the ANN (first) or only the SNN (second) has right; null without the ANN or labels. */
  readonly discordant: Discordant | null;
}

const DIAGNOSED_IMAGES = 64;

/** The images as they are added up: the shards of `evaluate`. */
export function networkShards(
  network: Network,
  { dataset, engine }: Pick<Ground, 'engine'> & { readonly dataset: Pick<Dataset, 'count'> },
): Shard[] {
  return cutShards(dataset.count, engine.batch(network), DIAGNOSED_IMAGES);
}

/**
 * Measures a network on all images, the first 64 of them with what is left in its membranes. Images are added up in the
 * shards of `evaluate`, and figures are its figures.
 * @returns null where `watch` stopped it
 */
export async function runNetwork(
  converted: Network,
  ground: Ground,
  watch: Watch,
): Promise<NetworkFigures | null> {
  const { dataset, original } = ground;
  const began = performance.now();
  const network = await rated(converted, ground.rateImages);
  const engine = decided(ground.engine, network);
  const recorded = original === null ? {} : { recorded: original };
  const measurement = new Measurement({ network, dataset, engine, ann: undefined, ...recorded }, watch);
  const sums = emptySums(network.coding.T);
  try {
    for (const shard of networkShards(network, { dataset, engine })) {
      if (watch.stopped()) return null;
      addSums(sums, await measurement.measure(shard));
    }
  } finally {
    await measurement.release();
  }
  if (sums.tally.images < dataset.count) return null;
  const evaluation = evaluationSums(network, sums, {
    ann: original !== null,
    labels: dataset.labels !== null,
  });
  const report = buildReport(network, evaluation, {
    engine: engine.name,
    enginePlan: engine.plan?.(network) ?? null,
    data: { file: basename(dataset.path), sha256: dataset.sha256 },
    interrupted: null,
    memory: { perWorker: 0, allowed: 0 },
    workers: { used: 1, asked: 1 },
    seconds: { ...sums.seconds, total: (performance.now() - began) / 1000 },
    measuredLatency: { measured: null, whyNotMeasured: 'one of many networks' },
  });
  const { onlyAnn, onlySnn } = sums.discordant;
  return {
    report,
    residuals: residualsOf(sums.diagnosis),
    discordant: evaluation.ann === null ? null : { onlyFirst: onlyAnn, onlySecond: onlySnn },
  };
}

/** The network with its spike rates, by which the engine auto decides: the same as `convert` would have written. */
async function rated(network: Network, images: FloatTensor | null): Promise<Network> {
  const [available = 0, ...image] = images?.shape ?? [];
  const count = Math.min(available, rateImages(network));
  if (images === null || count === 0) return network;
  const data = images.data.subarray(0, (images.data.length / available) * count);
  return withSpikeRates(network, engineNamed('dense'), { ...images, shape: [count, ...image], data });
}
