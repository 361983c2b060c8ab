// Neurons without negative spikes, or with another threshold at the last step: every engine runs them alike or refuses them.
import { describe, expect, it } from 'vitest';
import { auto } from '../../src/engines/auto/index.ts';
import { dense } from '../../src/engines/dense/index.ts';
import type { Trace } from '../../src/engines/engine.ts';
import { event } from '../../src/engines/event/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { runStepped } from '../../src/engines/reference/stepped.ts';
import { type Network, neuronLayers } from '../../src/snn/network/network.ts';
import { readNetwork, writeNetwork } from '../../src/snn/network/network-file.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';
import { ablated } from './ablated.ts';
import { dyadicNetwork } from './dyadic-network.ts';

const OPTIONS = { spikes: true, states: true };

const SUBJECTS: { readonly network: Network; readonly images: FloatTensor }[] = [1, 2, 3, 4, 5].flatMap(
  (seed) => {
    const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
    const network = quantizedNetwork(graph).network({ Ts: 1, phi: 1 / 2 });
    return [dyadicNetwork(seed), ...(network.arithmetic === 'integer' ? [{ network, images }] : [])];
  },
);

/** How many spikes below 0 the neuron layers have, and how many there are. */
function spikesOf(network: Network, trace: Trace): readonly [number, number] {
  const trains = neuronLayers(network).flatMap(({ name }) => [...trace.layers.get(name)!.spikes!]);
  return [trains.filter((s) => s < 0).length, trains.filter((s) => s !== 0).length];
}

describe('neurons with another last threshold', () => {
  it('are the same on all engines', async () => {
    let changed = 0;
    for (const { network: whole, images } of SUBJECTS) {
      const network = ablated(whole, true);
      const expected = await (await reference.compile(network)).run(images, OPTIONS);
      for (const engine of [dense, event]) {
        const compiled = await engine.compile(network);
        expect(await compiled.run(images, OPTIONS), engine.name).toEqual(expected);
        await compiled.release();
      }
      expect(runStepped(network, images).trace.logits).toEqual(expected.logits);
      const before = await (await reference.compile(whole)).run(images, OPTIONS);
      if (spikesOf(whole, before).join() !== spikesOf(network, expected).join()) changed++;
    }
    expect(changed).toBeGreaterThan(SUBJECTS.length / 2);
  });
});

describe('neurons without negative spikes', () => {
  it('have none, on all engines that have such neurons, also from a file', async () => {
    let [before, spikes] = [0, 0];
    for (const { network: whole, images } of SUBJECTS) {
      const network = ablated(whole);
      const expected = await (await reference.compile(network)).run(images, OPTIONS);
      for (const engine of [dense, auto]) {
        const compiled = await engine.compile(readNetwork(writeNetwork(network), 'ablated.snn'));
        expect(await compiled.run(images, OPTIONS), engine.name).toEqual(expected);
        await compiled.release();
      }
      expect(runStepped(network, images).trace.logits).toEqual(expected.logits);
      const [negative, all] = spikesOf(network, expected);
      expect(negative).toBe(0);
      spikes += all;
      before += spikesOf(whole, await (await reference.compile(whole)).run(images, OPTIONS))[0];
    }
    expect(Math.min(before, spikes)).toBeGreaterThan(1000);
  });

  it('are refused by the engine event, every layer by its name, and planned densely by auto', async () => {
    const network = ablated(SUBJECTS[0]!.network);
    const layers = neuronLayers(network);
    await expect(event.compile(network)).rejects.toMatchObject({
      code: 'invalid-network',
      problems: layers.map(({ name }) => ({ where: `layer "${name}"` })),
    });
    expect(auto.plan?.(network)).toMatchObject({ neurons: 'dense' });
  });
});
