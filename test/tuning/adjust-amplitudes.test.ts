// The adjustment of amplitudes, judged by residuals that this file measures itself.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Calibration } from '../../src/calibration/calibration.ts';
import { type Dataset, openDataset } from '../../src/data/dataset.ts';
import { reference } from '../../src/engines/reference/index.ts';
import {
  adjustableLayers,
  calibrate,
  convertModel,
  firstImages,
  type PreparedModel,
  prepare,
  preprocessingFor,
  quantizersOnly,
} from '../../src/pipeline.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import { type Network, neuronLayers } from '../../src/snn/network/network.ts';
import {
  type Adjustment,
  adjustAmplitudes,
  enlargement,
  type Scales,
} from '../../src/tuning/adjust-amplitudes.ts';
import { CALIBRATION_SET, MODEL, SCALE } from '../cli/digits.ts';
import { refusalOf } from '../passes/refusal.ts';

const QUANTIZED = fileURLToPath(new URL('../../models/digits-int8.onnx', import.meta.url));
const IMAGES = 20;
const ROUNDS = 3;

let model: PreparedModel;
let calibration: Calibration;
let set: Dataset;
let found: Adjustment;

// No silent period and few steps: hardly any layer keeps up.
const coding = codingOf('canonical', { T: 6, Ts: 0 });
const build = (scales: Scales, rounds = 1) =>
  convertModel(model, calibration, coding, { adjusted: { scales, rounds } });

beforeAll(async () => {
  model = await prepare(MODEL);
  set = await openDataset(CALIBRATION_SET, { limit: 40 });
  calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
  found = await adjustAmplitudes(build, set, options());
});

function options(rounds = ROUNDS) {
  return { engine: reference, rounds, adjustable: adjustableLayers(model), images: IMAGES };
}

/** The 99.9th percentile of |residual| of each layer on the first images, by sorting. */
async function residuals(network: Network): Promise<Map<string, number>> {
  const images = await firstImages(model, set, preprocessingFor(set, { scale: SCALE }), IMAGES);
  const { layers } = await (await reference.compile(network)).run(images, { states: true });
  return new Map(
    neuronLayers(network).map(({ name }) => {
      const sorted = layers.get(name)!.residual!.map(Math.abs).sort();
      const rank = 0.999 * (sorted.length - 1);
      const low = Math.floor(rank);
      const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
      return [name, a + (rank - low) * (b - a)];
    }),
  );
}

const thetas = (network: Network) =>
  new Map(neuronLayers(network).map(({ name, theta }) => [name, theta as number]));

describe('the enlargement of an amplitude (CSS Eq. A18)', () => {
  it.each([
    [0.5, 100, 1],
    [1, 100, 1],
    // d = 0.005, 0.01, 0.03, 0.05, 0.2
    [1.5, 100, 1.02],
    [2, 100, 1.04],
    [4, 100, 1.06],
    [6, 100, 1.08],
    [21, 100, 1.2],
  ])('of %d spikes left, codes up to %d, is %d', (u, K, expected) => {
    expect(enlargement(u, K)).toBeCloseTo(expected, 12);
  });
});

describe('adjusting amplitudes', () => {
  it('enlarges those of the layers that do not keep up, by the rule, and no others', async () => {
    const before = await residuals(build(new Map()));
    const once = await adjustAmplitudes(build, set, options(1));
    const K = 2 ** 6 - 1;
    const expected = [...before].filter(([, u]) => u > 1);
    expect(expected.length).toBeGreaterThan(0);
    expect([...once.scales.keys()]).toEqual(expected.map(([layer]) => layer));
    for (const [layer, u] of expected) expect(once.scales.get(layer)).toBeCloseTo(enlargement(u, K), 2);
    const [old, scaled] = [thetas(build(new Map())), thetas(build(once.scales))];
    for (const [layer, theta] of old) {
      expect(scaled.get(layer)! / theta).toBeCloseTo(once.scales.get(layer) ?? 1, 9);
    }
    expect(once.images).toBe(IMAGES);
  });

  it('tells the largest residuals of each round, and they become smaller', async () => {
    const first = found.rounds[0]!;
    const largest = async (scales: Scales) => Math.max(...(await residuals(build(scales))).values());
    expect(first.before).toBeCloseTo(await largest(new Map()), 2);
    expect(found.rounds[found.kept - 1]!.after).toBeCloseTo(await largest(found.scales), 2);
    expect(found.rounds[found.kept - 1]!.after).toBeLessThan(first.before);
    found.rounds.slice(1).forEach(({ before }, i) => {
      expect(before).toBe(found.rounds[i]!.after);
    });
  });

  it('keeps the round with the smallest of the largest residuals, which may be none', async () => {
    const after = found.rounds.map((round) => round.after);
    const smallest = Math.min(found.rounds[0]!.before, ...after);
    expect(found.kept).toBe(after.indexOf(smallest) + 1);
    // Amplitudes that a round shrinks in place of enlarging them leave more with every round.
    const worse = (scales: Scales) =>
      build(new Map([...scales].map(([layer, scale]) => [layer, 1 / scale ** 8])));
    const none = await adjustAmplitudes(worse, set, options(1));
    expect(none.rounds[0]!.after).toBeGreaterThan(none.rounds[0]!.before);
    expect([none.kept, none.scales.size]).toEqual([0, 0]);
  });

  it('stops where all layers keep up', async () => {
    const waiting = (scales: Scales) =>
      convertModel(model, calibration, codingOf('canonical', { Ts: 6 }), { adjusted: { scales, rounds: 1 } });
    const nothing = await adjustAmplitudes(waiting, set, options());
    expect(nothing).toEqual({ scales: new Map(), kept: 0, images: IMAGES, rounds: [] });
  });

  it('is told in the network that comes of it', () => {
    expect(build(found.scales, 2).provenance.amplitudes).toBe('percentile 99.99, adjusted 2 times');
    expect(build(found.scales).provenance.amplitudes).toBe('percentile 99.99, adjusted once');
    expect(build(new Map(), 0).provenance.amplitudes).toBe('percentile 99.99');
  });

  it('does the same again, and ends its progress', async () => {
    const seen: number[] = [];
    const progress = (done: number, total: number) => seen.push(done / total);
    expect(await adjustAmplitudes(build, set, { ...options(), progress })).toEqual(found);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('the adjustment refuses', () => {
  it('a network whose quantizers give every amplitude', async () => {
    const quantized = await prepare(QUANTIZED);
    const none = quantizersOnly(quantized, preprocessingFor(set, { scale: SCALE }));
    const refusal = await refusalOf(() =>
      adjustAmplitudes(() => convertModel(quantized, none, codingFor(quantized.plan, undefined, {})), set, {
        ...options(),
        adjustable: adjustableLayers(quantized),
      }),
    );
    expect(refusal).toMatchObject({ code: 'invalid-option' });
    expect(refusal.message).toContain("found every layer's given by its quantizer");
    const layer = neuronLayers(convertModel(quantized, none, codingFor(quantized.plan, undefined, {})))[0]!
      .name;
    const scaled = await refusalOf(async () =>
      convertModel(quantized, none, codingFor(quantized.plan, undefined, {}), {
        adjusted: { scales: new Map([[layer, 2]]), rounds: 1 },
      }),
    );
    expect(scaled).toMatchObject({ code: 'invalid-option', problems: [{ where: `layer "${layer}"` }] });
  });

  it.each([0, 1.5])('%d rounds', async (rounds) => {
    const refusal = await refusalOf(() => adjustAmplitudes(build, set, options(rounds)));
    expect(refusal.message).toContain(`expected a whole number of rounds above 0, found ${rounds}`);
  });
});
