// Sums of parts, added up, are the sums of the whole.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Histogram } from '../../src/calibration/histogram.ts';
import { openDataset } from '../../src/data/dataset.ts';
import { engineNamed } from '../../src/engines/index.ts';
import { diagnosisOf } from '../../src/metrics/diagnosis.ts';
import { outputErrors } from '../../src/metrics/output-errors.ts';
import { neuronLayers } from '../../src/snn/network/network.ts';
import { Measurement, type Subject } from '../../src/workers/measurement.ts';
import { addSums, buffersOf, emptySums, type ShardSums } from '../../src/workers/shard-sums.ts';
import { TEST_SET } from '../cli/digits.ts';
import { digitsNetwork } from './digits-network.ts';

const IMAGES = 24;
let subject: Subject;
const shard = (from: number, to: number) => ({ from, to, diagnosed: true });

/** Histograms are long and nearly empty: what is in them, by its place. */
const filledOf = ({ counts, ...rest }: Histogram) => ({
  ...rest,
  counts: [...counts.entries()].filter(([, count]) => count !== 0),
});

/** Sums that can be compared quickly. */
const plain = ({ diagnosis, ...rest }: ShardSums) => ({
  ...rest,
  diagnosis: [...diagnosis].map(([name, layer]) => ({
    name,
    ...layer,
    residuals: filledOf(layer.residuals),
  })),
});

async function sumsOf(...borders: number[]): Promise<ShardSums> {
  const measurement = new Measurement(subject, { stopped: () => false, measured: () => {} });
  const sums = emptySums(subject.network.coding.T);
  for (let i = 1; i < borders.length; i++)
    addSums(sums, await measurement.measure(shard(borders[i - 1]!, borders[i]!)));
  await measurement.release();
  return sums;
}

beforeAll(async () => {
  const { network, ann } = await digitsNetwork();
  const dataset = await openDataset(TEST_SET, { limit: IMAGES });
  subject = { network, dataset, engine: engineNamed('reference'), ann };
});

describe('sums of shards', () => {
  it('are those of the whole, however it is cut', async () => {
    const whole = await sumsOf(0, IMAGES);
    const cut = await sumsOf(0, 7, 8, 20, IMAGES);
    expect(cut.tally).toEqual(whole.tally);
    expect(cut.perStep).toEqual(whole.perStep);
    expect(cut.perStep.at(-1)!.images).toBe(IMAGES);
    expect([cut.ann, cut.agreeing, cut.diagnosed]).toEqual([whole.ann, whole.agreeing, IMAGES]);
    const { network } = subject;
    for (const { name } of neuronLayers(network)) {
      const [residuals, all] = [cut, whole].map(({ diagnosis }) => diagnosis.get(name)!.residuals);
      expect(filledOf(residuals!)).toEqual(filledOf(all!));
      const [own, expected] = [diagnosisOf(cut.diagnosis, name)!, diagnosisOf(whole.diagnosis, name)!];
      expect(own.saturated).toBe(expected.saturated);
      expect(own.decodedError).toBeCloseTo(expected.decodedError!, 12);
      for (const cause of ['saturation', 'residual', 'rounding'] as const)
        expect(own.own![cause]).toBeCloseTo(expected.own![cause], 12);
    }
    const [own, expected] = [cut, whole].map(({ outputs }) => outputErrors(network, outputs)[0]!);
    expect(own!.relativeError).toBeCloseTo(expected!.relativeError!, 12);
    expect(own!.worstImage).toBeCloseTo(expected!.worstImage!, 12);
  });

  it('of nothing change nothing', async () => {
    const sums = await sumsOf(0, 5);
    const same = plain(structuredClone(sums));
    addSums(sums, emptySums(subject.network.coding.T));
    expect(plain(sums)).toEqual(same);
  });

  it('cross threads without their large arrays being copied', async () => {
    const sums = await sumsOf(0, 3);
    const copy = plain(structuredClone(sums));
    const moved = structuredClone(sums, { transfer: buffersOf(sums) });
    expect(plain(moved)).toEqual(copy);
    expect([...sums.tally.layers.values()].every(({ perNeuron }) => perNeuron.length === 0)).toBe(true);
    expect([...sums.diagnosis.values()].every(({ residuals }) => residuals.counts.length === 0)).toBe(true);
  });
});
