// The engines against an independent implementation of the same science.
import { describe, expect, it } from 'vitest';
import { denseLayers } from '../../src/engines/auto/dense-layers.ts';
import { compileMixed } from '../../src/engines/auto/mixed-network.ts';
import type { Engine, Trace } from '../../src/engines/engine.ts';
import { engines } from '../../src/engines/index.ts';
import { runStepped } from '../../src/engines/reference/stepped.ts';
import { latencyOf } from '../../src/metrics/latency.ts';
import { type Network, readouts, spikingLayers } from '../../src/snn/network/network.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';
import { expectLikeGolden } from './expect-golden.ts';
import { type Golden, loadGolden } from './golden.ts';

const runs = [
  ...engines.map((engine: Engine) => ({
    name: engine.name as string,
    async run(network: Network, images: FloatTensor): Promise<Trace> {
      const compiled = await engine.compile(network);
      const trace = await compiled.run(images, { spikes: true });
      await compiled.release();
      return trace;
    },
  })),
  {
    name: 'all layers dense, neurons by kernels',
    async run(network: Network, images: FloatTensor): Promise<Trace> {
      const compiled = await compileMixed(network, denseLayers(network));
      const trace = await compiled.run(images, { spikes: true });
      await compiled.release();
      return trace;
    },
  },
  {
    name: 'stepped',
    run: async (network: Network, images: FloatTensor) => runStepped(network, images).trace,
  },
];

/** The case's name of a layer's spikes. */
function spikesKey(golden: Golden, layer: string, kind: string): string {
  if (kind === 'encoder') return 'spikes_input';
  return golden.arrays.has(`spikes_${layer}`) ? `spikes_${layer}` : 'spikes_relu_of_m4';
}

describe.skipIf(withoutShared)(`dyadic golden networks: every spike and logit ${NEEDS_SHARED}`, () => {
  for (const name of [
    'dyadic-residual-maxpool',
    'dyadic-residual-canonical-phi',
    'dyadic-concat-depthwise',
  ]) {
    it.each(runs)(`${name}, $name`, async ({ run }) => {
      const golden = await loadGolden(name);
      const trace = await run(golden.network, golden.images);
      for (const layer of spikingLayers(golden.network)) {
        const expected = golden.arrays.get(spikesKey(golden, layer.name, layer.kind));
        expect(expected, `golden spikes of ${layer.name}`).toBeDefined();
        expect(trace.layers.get(layer.name)!.spikes, layer.name).toEqual(expected!.data);
      }
      const [readout] = readouts(golden.network);
      expect(trace.logits.get(readout!.name)).toEqual(golden.arrays.get('snn_logits_per_step')!.data);
    });
  }

  it('takes as many steps as the window rule says', async () => {
    for (const name of ['dyadic-residual-maxpool', 'dyadic-concat-depthwise']) {
      const { network, images } = await loadGolden(name);
      const { latencySteps, intervalSteps } = runStepped(network, images);
      expect({ steps: latencySteps, interval: intervalSteps }).toEqual({
        steps: latencyOf(network).steps,
        interval: latencyOf(network).interval,
      });
    }
  });
});

const REAL_WEIGHTS = [
  'lenet5-avg_css_T8_b2_Ts1',
  'lenet5-max_css_T8_b2_Ts1_fused-pool',
  'resnet20_css_T12_b1.5_Ts1',
  'resnet20_canonical_T8_b2_Ts1',
];

describe.skipIf(withoutShared)(`golden networks with real weights ${NEEDS_SHARED}`, () => {
  // Plain TypeScript takes 20 s for ResNet-20; `npm run verify` runs those.
  const quick = runs.flatMap(({ name, run }) =>
    REAL_WEIGHTS.filter(
      (golden) => name === 'dense' || (name === 'reference' && golden.startsWith('lenet')),
    ).map((golden) => ({ name, run, golden })),
  );
  it.each(quick)('$golden, $name', async ({ run, golden }) => {
    const loaded = await loadGolden(golden);
    expectLikeGolden(loaded, await run(loaded.network, loaded.images));
  });
});
