// The search for silent periods, judged by the reference engine and the quantized ANN in plain TypeScript.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, openDataset } from '../../src/data/dataset.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { runQuantizedAnn } from '../../src/engines/reference/quantized-ann.ts';
import {
  calibrate,
  convertModel,
  firstImages,
  type PreparedModel,
  prepare,
  preprocessingFor,
  quantizersOnly,
} from '../../src/pipeline.ts';
import type { LayerOverrides } from '../../src/snn/conversion/check-conversion.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';
import { type Network, neuronLayers } from '../../src/snn/network/network.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';
import { findSilentPeriods, type SilentSearch } from '../../src/tuning/silent-periods.ts';
import { CALIBRATION_SET, MODEL, SCALE } from '../cli/digits.ts';
import { refusalOf } from '../passes/refusal.ts';

const QUANTIZED = fileURLToPath(new URL('../../models/digits-int8.onnx', import.meta.url));
const IMAGES = 40;
/** 24 x 4 x 4 pooled, 48 x 4 x 4 twice. */
const INTEGERS = IMAGES * (24 + 48 + 48) * 16;

let model: PreparedModel;
let set: Dataset;
let images: FloatTensor;
let found: SilentSearch;

const builder = (phi?: number) => (layers: ReadonlyMap<string, LayerOverrides>) =>
  convertModel(
    model,
    quantizersOnly(model, preprocessingFor(set, { scale: SCALE })),
    codingFor(model.plan, undefined, { phi }),
    { layers },
  );
const build = builder();

beforeAll(async () => {
  model = await prepare(QUANTIZED);
  set = await openDataset(CALIBRATION_SET, { limit: IMAGES });
  images = await firstImages(model, set, preprocessingFor(set, { scale: SCALE }), IMAGES);
  found = await findSilentPeriods(build, set, { engine: dense });
});

/** How many integers of a network's layers are not the quantized ANN's, by the reference engine. */
async function differing(network: Network): Promise<number> {
  const { layers } = await (await reference.compile(network)).run(images, { states: true });
  const { integers } = runQuantizedAnn(network, images);
  let count = 0;
  for (const { name } of neuronLayers(network)) {
    const expected = integers.get(name)!;
    layers.get(name)!.decoded!.forEach((value, i) => {
      if (value !== expected[i]) count++;
    });
  }
  return count;
}

const periodsOf = ({ layers }: SilentSearch) => [...layers.values()].map(({ Ts }) => Ts!);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('the silent periods found for the digits', () => {
  it('leave every integer of all images as it is', async () => {
    expect([...found.layers.keys()]).toEqual(neuronLayers(build(new Map())).map(({ name }) => name));
    expect([found.images, found.integers, found.differing]).toEqual([IMAGES, INTEGERS, 0]);
    expect(await differing(build(found.layers))).toBe(0);
  });

  it('hold with a margin in the threshold too, and cannot be shortened by one step in any layer', async () => {
    const strict = (periods: ReadonlyMap<string, LayerOverrides>) =>
      new Map([...periods].map(([name, layer]) => [name, { ...layer, phi: 1 / 2 + 1 / 32 }]));
    expect(await differing(build(strict(found.layers)))).toBe(0);
    for (const [name, { Ts }] of found.layers) {
      expect(Ts, name).toBeGreaterThan(0);
      const shorter = new Map([...found.layers, [name, { Ts: Ts! - 1 }]]);
      expect(await differing(build(strict(shorter))), name).toBeGreaterThan(0);
    }
  });

  it('are told with the steps that an image takes: T and the periods on the way', () => {
    // The three layers stand one behind the other; T is 8.
    expect(found.latency).toBe(8 + sum(periodsOf(found)));
    expect(found.uniform.latency).toBe(8 + 3 * found.uniform.Ts);
    expect(found.exactLatency).toBe(8 + 3 * 7);
    expect(found.latency).toBeLessThan(found.uniform.latency);
    expect(found.uniform.latency).toBeLessThan(found.exactLatency);
  });

  it('are the same again, and progress ends at all images', async () => {
    const seen: number[] = [];
    const again = await findSilentPeriods(build, set, {
      engine: dense,
      progress: (done, total) => seen.push(done / total),
    });
    expect(again).toEqual(found);
    expect(seen.at(-1)).toBe(1);
  });
});

describe('a tolerated fraction', () => {
  it.each([0.002, 0.02])('of %d is kept to, and takes no longer', async (fraction) => {
    const tolerant = await findSilentPeriods(build, set, { engine: dense, differing: fraction });
    expect(tolerant.latency).toBeLessThanOrEqual(found.latency);
    expect(tolerant.integers).toBe(INTEGERS);
    expect(tolerant.differing).toBeLessThanOrEqual(fraction * INTEGERS);
    expect(await differing(build(tolerant.layers))).toBe(tolerant.differing);
    if (fraction === 0.02) expect(tolerant.latency).toBeLessThan(found.latency);
  });
});

describe('the search refuses', () => {
  it('a float network, saying why it is one', async () => {
    const float = await prepare(MODEL);
    const calibration = await calibrate(float, set, preprocessingFor(set, { scale: SCALE }));
    const refusal = await refusalOf(() =>
      findSilentPeriods(
        (layers) => convertModel(float, calibration, codingFor(float.plan, 'canonical'), { layers }),
        set,
        { engine: dense },
      ),
    );
    expect(refusal.code).toBe('invalid-option');
    expect(refusal.message).toMatch(
      /expected an integer network.*; the weights of Conv ".*" are not quantized/,
    );
  });

  it('a threshold at which no period keeps the integers', async () => {
    const refusal = await refusalOf(() => findSilentPeriods(builder(1), set, { engine: dense }));
    expect(refusal.code).toBe('invalid-option');
    expect(refusal.message).toMatch(/with a silent period of 7, the longest; \d+ of \d+ differ/);
  });
});
