// The numpy simulator of examples/python on networks with real weights and data.
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { preprocess } from '../../src/data/preprocessing.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { event } from '../../src/engines/event/index.ts';
import { readouts, spikingLayers } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { agreementOf } from '../examples/agreement.ts';
import { NEEDS_NUMPY, python, simulateInPython } from '../examples/python.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';

const IMAGES = 100;
const mnist = { calibration: 'mnist/calibration-1000.npz', data: 'mnist/t10k-images-idx3-ubyte.gz' };
const cifar = { calibration: 'cifar10-calibration-1000.npz', data: 'cifar10-test-5000.npz' };

describe.skipIf(python === null || withoutShared)(
  `real networks in Python, ${IMAGES} images ${NEEDS_NUMPY} ${NEEDS_SHARED}`,
  () => {
    const folder = tempFolder();
    it.each([
      { ...mnist, model: 'mnist/lenet5-avg.onnx', options: [] },
      { ...mnist, model: 'mnist/lenet5-max.onnx', options: [] },
      { ...cifar, model: 'cifar10/resnet20.onnx', options: IMAGENET_NORMALISATION },
    ])('$model', async ({ model, calibration, data, options }) => {
      const path = folder.path('net.snn');
      const given = ['--calibration', shared(`data/${calibration}`), ...options];
      await succeed('convert', shared(`models/${model}`), ...given, '-o', path);
      const network = await loadNetwork(path);
      const images = await (await openDataset(shared(`data/${data}`))).read(0, IMAGES);
      const compiled = await dense.compile(network);
      const trace = await compiled.run(preprocess(images, network.preprocessing, network.nodes[0]!.shape));
      await compiled.release();
      const { name, shape } = readouts(network)[0]!;
      const found = simulateInPython(network, images).get(`logits/${name}`)!.data;
      const result = agreementOf(found, trace.logits.get(name)!, network.coding.T, shape[0]!);
      expect(result.agreement).toBeGreaterThanOrEqual(0.99);
      expect(result.largestDifference).toBeLessThanOrEqual(0.03);
    });

    it('ResNet-20 in 8 bits: every spike and logit', async () => {
      const path = folder.path('int8.snn');
      const model = shared('models/cifar10/resnet20-qat8.onnx');
      await succeed('convert', model, '--scale', '255', ...IMAGENET_NORMALISATION, '-o', path);
      const network = await loadNetwork(path);
      expect(network.arithmetic).toBe('integer');
      const images = await (await openDataset(shared(`data/${cifar.data}`))).read(0, IMAGES);
      const compiled = await event.compile(network);
      const inputs = preprocess(images, network.preprocessing, network.nodes[0]!.shape);
      const trace = await compiled.run(inputs, { spikes: true });
      await compiled.release();
      const found = simulateInPython(network, images);
      const differing = (a: ArrayLike<number>, b: ArrayLike<number>) => {
        let others = 0;
        for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) others++;
        return others;
      };
      let spikes = 0;
      for (const { name } of spikingLayers(network)) {
        const own = trace.layers.get(name)!.spikes!;
        expect(differing(own, found.get(`spikes/${name}`)!.data), name).toBe(0);
        spikes += own.reduce((sum, s) => sum + Math.abs(s), 0);
      }
      const { name } = readouts(network)[0]!;
      expect(differing(trace.logits.get(name)!, found.get(`logits/${name}`)!.data)).toBe(0);
      console.log(`resnet20-qat8 in numpy: all of ${spikes} spikes and all logits are the event engine's`);
    });
  },
);
