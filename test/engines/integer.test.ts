// Engines of integer networks agree in everything, bit for bit, at any silent period and threshold; and the embedded
// quantized models in exact mode are their quantized ANN.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { calibrationOf } from '../../src/calibration/calibration.ts';
import { openDataset } from '../../src/data/dataset.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { event } from '../../src/engines/event/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { runQuantizedAnn } from '../../src/engines/reference/quantized-ann.ts';
import { runStepped } from '../../src/engines/reference/stepped.ts';
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { convertModel, firstImages, prepare, preprocessingFor } from '../../src/pipeline.ts';
import { bitsOf, bitsOfGrid } from '../../src/snn/conversion/quantized-amplitudes.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import { mostAhead, type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import { plannedInputs } from '../../src/snn/plan/planned.ts';
import { type FloatTensor, floatTensor } from '../../src/tensor/tensor.ts';
import { SCALE, TEST_SET } from '../cli/digits.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { decodedIntegers, quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';

const OPTIONS = { spikes: true, states: true };

async function expectAgreement(network: Network, images: FloatTensor): Promise<number> {
  const expected = await (await reference.compile(network)).run(images, OPTIONS);
  for (const engine of [dense, event]) {
    const compiled = await engine.compile(network);
    expect(await compiled.run(images, OPTIONS), engine.name).toEqual(expected);
    await compiled.release();
  }
  const { trace } = runStepped(network, images);
  expect(trace.logits).toEqual(expected.logits);
  let total = 0;
  for (const [layer, { spikes, perStep, perNeuron }] of expected.layers) {
    expect(trace.layers.get(layer), layer).toEqual({ spikes, perStep, perNeuron });
    total += perStep.reduce((a, b) => a + b, 0);
  }
  return total;
}

describe('reference, dense, event and stepped, on random integer networks', () => {
  it('agree in every spike, logit, count and state', { timeout: 120_000 }, async () => {
    let spikes = 0;
    let runs = 0;
    let ahead = 0;
    for (let seed = 1; seed <= 64; seed++) {
      const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
      const quantized = quantizedNetwork(graph);
      const { arithmetic, coding } = quantized.network();
      if (arithmetic === 'float32') continue;
      for (const Ts of [0, 1, coding.T - 1]) {
        for (const phi of [1 / 2, 2 / 3]) {
          const lookAhead = (seed + runs) % 2 === 0;
          const network = quantized.network({ Ts, phi, lookAhead });
          if (neuronLayers(network).some((layer) => mostAhead(layer) > 0)) ahead++;
          spikes += await expectAgreement(network, images);
          runs++;
        }
      }
    }
    expect(runs).toBeGreaterThan(350);
    expect(ahead).toBeGreaterThan(20);
    expect(spikes).toBeGreaterThan(400_000);
  });

  it('are written to a file and read again unchanged', () => {
    for (let seed = 1; seed <= 64; seed++) {
      const { graph } = randomQuantizedGraph(seed, seed % 2 === 0);
      const network = quantizedNetwork(graph).network({ Ts: 1, lookAhead: seed % 3 === 0 });
      expect(readNetwork(writeNetwork(network), 'random.snn'), `seed ${seed}`).toEqual(network);
    }
  });
});

describe('an image that enters without spikes', () => {
  it('is exact at as few steps as the layers have bits, and the same on every engine', async () => {
    let runs = 0;
    let coarse = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
      const T = bitsOf(quantizedNetwork(graph).plan) ?? 8;
      const quantized = quantizedNetwork(graph, T);
      const network = quantized.network({ encoder: 'analog' });
      if (network.arithmetic === 'float32') continue;
      const image = plannedInputs(quantized.plan)[0]!.quantizer;
      if (image !== undefined && bitsOfGrid(image) > T) coarse++;
      const expected = runQuantizedAnn(network, images).integers;
      const trace = await (await reference.compile(network)).run(images, OPTIONS);
      expect(trace.layers.has(network.nodes[0]!.name)).toBe(false);
      for (const [layer, found] of trace.layers) {
        const wanted = expected.get(layer)!;
        const differing = decodedIntegers(found, T).filter((value, i) => value !== wanted[i]);
        expect(differing, `seed ${seed}, ${layer}`).toEqual([]);
      }
      await expectAgreement(quantized.network({ encoder: 'analog', Ts: Math.min(1, T - 1) }), images);
      runs++;
    }
    expect(runs).toBeGreaterThan(30);
    expect(coarse).toBeGreaterThan(0);
  });
});

describe('one step whose current float32 cannot count', () => {
  it('stays exact: a mean of currents over 256 x 256 pixels', async () => {
    const grid = 'scale: [1], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: 255, absorbed: []';
    const graph = parseGraph(`
input x [1, 3, 256, 256]
q = FakeQuantize(x) {${grid}}
const w [1, 3, 1, 1] = 127, 127, 127 on {scale: [1], axis: 0, low: -127, high: 127}
a = Conv(q, w)
m = GlobalAveragePool(a)
y = Reshape(m, [-1, 1])
output y`) as CanonicalGraph;
    // Up to 3 * 127 * 65536 in one step; an odd one, so that float32 would round it.
    const pixels = new Float32Array(3 * 256 ** 2).fill(255);
    pixels[5] = 254;
    const images = floatTensor([1, 3, 256, 256], pixels);
    const network = quantizedNetwork(graph).network();
    expect(network.arithmetic).toBe('integer');
    const compiled = await dense.compile(network);
    const { logits } = await compiled.run(images);
    await compiled.release();
    expect(logits).toEqual((await (await reference.compile(network)).run(images)).logits);
    expect(logits.get('y')!.at(-1)).toBe(Math.fround(255 * 3 * 127 - 127 / 65536));
  });
});

describe('the embedded quantized digits, in exact mode', () => {
  it.each([
    ['digits-int8.onnx', 8],
    ['digits-int4.onnx', 4],
  ])('%s spikes for %d steps as its quantized ANN computes, in every integer', async (file, T) => {
    const model = await prepare(fileURLToPath(new URL(`../../models/${file}`, import.meta.url)));
    const set = await openDataset(TEST_SET);
    const preprocessing = preprocessingFor(set, { scale: SCALE });
    // Every layer has a quantizer: nothing is measured.
    const calibration = calibrationOf({
      model: null,
      data: null,
      preprocessing: { ...preprocessing, mean: [...preprocessing.mean], std: [...preprocessing.std] },
      layers: {},
    });
    const network = convertModel(model, calibration, codingOf('canonical', { T, beta: 2, Ts: T - 1 }));
    expect([network.arithmetic, network.whyFloat]).toEqual(['integer', null]);
    const images = await firstImages(model, set, preprocessing, 100);
    const compiled = await dense.compile(network);
    const trace = await compiled.run(images, { spikes: true });
    await compiled.release();

    const { integers, logits } = runQuantizedAnn(network, images);
    expect([...trace.layers.keys()]).toEqual([...integers.keys()]);
    for (const [layer, found] of integers) {
      expect(found.some((value) => value !== 0)).toBe(true);
      expect(decodedIntegers(trace.layers.get(layer)!, T), layer).toEqual([...found]);
    }
    for (const [output, expected] of logits) {
      const all = trace.logits.get(output)!;
      expect(all.slice(all.length - expected.length), output).toEqual(Float32Array.from(expected));
    }
  });
});
