// However a network's layers are shared between lists of spikes and ONNX Runtime, its spikes are the reference's.
import { describe, expect, it } from 'vitest';
import { denseLayers } from '../../../src/engines/auto/dense-layers.ts';
import { compileMixed } from '../../../src/engines/auto/mixed-network.ts';
import { reference } from '../../../src/engines/reference/index.ts';
import type { Network } from '../../../src/snn/network/network.ts';
import type { FloatTensor } from '../../../src/tensor/tensor.ts';
import { quantizedNetwork } from '../../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../../snn/random-quantized-graph.ts';
import { dyadicNetwork, randomNumbers } from '../dyadic-network.ts';

const OPTIONS = { spikes: true, states: true };

/** Compares a network with the reference: none, all and twice some of its layers dense. Returns how many can be. */
async function expectAgreement(network: Network, images: FloatTensor, seed: number): Promise<number> {
  const expected = await (await reference.compile(network)).run(images, OPTIONS);
  const random = randomNumbers(seed);
  const all = [...denseLayers(network)];
  const some = () => all.filter(() => random() < 0.5);
  for (const dense of [[], all, some(), some()]) {
    const compiled = await compileMixed(network, new Set(dense));
    expect(await compiled.run(images, OPTIONS), dense.join()).toEqual(expected);
    await compiled.release();
  }
  return all.length;
}

describe('layers whose currents come from ONNX Runtime', () => {
  it('spike as the reference does on random dyadic networks', async () => {
    let layers = 0;
    for (let seed = 1; seed <= 24; seed++) {
      const { network, images } = dyadicNetwork(seed);
      layers += await expectAgreement(network, images, seed);
    }
    expect(layers).toBeGreaterThan(100);
  });

  it('spike as the reference does on random integer networks, looking ahead or not', async () => {
    let layers = 0;
    for (let seed = 1; seed <= 24; seed++) {
      const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
      const quantized = quantizedNetwork(graph);
      if (quantized.network().arithmetic === 'float32') continue;
      const phi = seed % 3 === 0 ? 2 / 3 : 1 / 2;
      const network = quantized.network({ Ts: seed % 3, phi, lookAhead: seed % 4 < 2 });
      layers += await expectAgreement(network, images, seed);
    }
    expect(layers).toBeGreaterThan(80);
  });

  it('answers overlapping runs one after the other', async () => {
    const { network, images } = dyadicNetwork(3);
    const compiled = await compileMixed(network, denseLayers(network));
    const [first, second] = await Promise.all([compiled.run(images, OPTIONS), compiled.run(images, OPTIONS)]);
    expect(second).toEqual(first);
    await compiled.release();
  });
});
