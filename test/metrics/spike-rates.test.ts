// Rates against spikes counted one by one, and how much is measured.
import { describe, expect, it } from 'vitest';
import { reference } from '../../src/engines/reference/index.ts';
import { rateImages, withSpikeRates } from '../../src/metrics/spike-rates.ts';
import { spikingLayers } from '../../src/snn/network/network.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const network = networkOf(graphOf({ input: [2], nodes: [['Relu', ['x'], 'r']] }), {
  coding: { T: 3, beta: 2, Ts: 2 },
});

describe('spike rates', () => {
  it('are spikes for each neuron and image, of either sign', async () => {
    const images = floatTensor([2, 2], Float32Array.of(4, -4, 5, 1));
    const { layers } = await (await reference.compile(network)).run(images, { spikes: true });
    const counted = [...layers.values()].map(({ spikes }) => spikes!.filter((s) => s !== 0).length / 4);
    const rated = await withSpikeRates(network, reference, images);
    expect(spikingLayers(rated).map(({ spikesPerNeuron }) => spikesPerNeuron)).toEqual(counted);
    expect(counted.every((rate) => rate > 0)).toBe(true);
  });

  it('are measured on few images of a large network, and on none of one larger still', () => {
    const sized = (macs: number) =>
      rateImages({ ...network, annOperations: { ...network.annOperations, macs } });
    expect([sized(0), sized(1e6), sized(5e9), sized(1e11)]).toEqual([8, 8, 3, 0]);
  });
});
