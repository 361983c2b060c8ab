// Three ways of running the same network must give the same spikes: layer by layer, as an ONNX graph, and all
// layers advancing together through delay lines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dense } from '../../src/engines/dense/index.ts';
import { event } from '../../src/engines/event/index.ts';
import { reference } from '../../src/engines/reference/index.ts';
import { runStepped } from '../../src/engines/reference/stepped.ts';
import { latencyOf } from '../../src/metrics/latency.ts';
import { neuronLayers } from '../../src/snn/network/network.ts';
import { dyadicNetwork } from './dyadic-network.ts';

describe('reference, dense, event and stepped', () => {
  it('agree in every spike, logit, count and state on random dyadic networks', async () => {
    let spikes = 0;
    let pooled = 0;
    let respiked = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        const { network, images } = dyadicNetwork(seed);
        const options = { spikes: true, states: true };
        const expected = await (await reference.compile(network)).run(images, options);
        for (const engine of [dense, event]) {
          const compiled = await engine.compile(network);
          expect(await compiled.run(images, options), engine.name).toEqual(expected);
          await compiled.release();
        }

        const { trace, latencySteps, intervalSteps } = runStepped(network, images);
        expect(trace.logits).toEqual(expected.logits);
        for (const [layer, { spikes: train, perStep, perNeuron }] of expected.layers) {
          expect(trace.layers.get(layer), layer).toEqual({ spikes: train, perStep, perNeuron });
          spikes += perStep.reduce((a, b) => a + b, 0);
        }
        const { steps, interval } = latencyOf(network);
        expect([latencySteps, intervalSteps]).toEqual([steps, interval]);
        pooled += neuronLayers(network).filter((node) => node.pool !== undefined).length;
        respiked += neuronLayers(network).filter((node) => node.annValue !== node.name).length;
      }),
      { numRuns: 40, seed: 20261121 },
    );
    // The property must have had something to say.
    expect(spikes).toBeGreaterThan(100_000);
    expect(pooled).toBeGreaterThan(10);
    expect(respiked).toBeGreaterThan(5);
  });
});
