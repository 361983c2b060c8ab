// The NIR export of real networks: whether it holds them, what it computes, and what a simulator makes of it.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { nir } from '../../src/export/nir.ts';
import { readNir } from '../../src/nir/read-nir.ts';
import { adjustableLayers, calibrate, convertModel, prepare, preprocessingFor } from '../../src/pipeline.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';
import { neuronLayers } from '../../src/snn/network/network.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { CONVERT_DIGITS, TEST_SET } from '../cli/digits.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { annWithoutRounding } from '../export/nir-ann.ts';
import {
  differenceToFile,
  imagesFor,
  NEEDS_H5PY,
  runAnalog,
  simulateRates,
  withoutH5py,
  worstDifference,
} from '../export/nir-python.ts';
import { expectComposed, expectWeights } from '../export/nir-structure.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';
import { TORCHVISION } from './integers.ts';

const folder = tempFolder();
const DIGITS_INT8 = fileURLToPath(new URL('../../models/digits-int8.onnx', import.meta.url));
const cifar = { calibration: 'cifar10-calibration-1000.npz', data: 'data/cifar10-test-5000.npz' };
const imagenet = { calibration: 'imagenet-calibration-100', data: 'data/imagenet-sample-400' };

async function network(...args: string[]) {
  const path = folder.path('net.snn');
  await succeed('convert', ...args, '-o', path);
  return loadNetwork(path);
}

const converted = (model: string, calibration: string) =>
  network(
    shared(`models/${model}`),
    '--calibration',
    shared(`data/${calibration}`),
    ...IMAGENET_NORMALISATION,
  );

describe.skipIf(withoutShared)(`NIR graphs of real networks ${NEEDS_SHARED}`, () => {
  it.each([
    { ...cifar, model: 'cifar10/resnet20.onnx' },
    { ...cifar, model: 'cifar10/resnet20-qat8.onnx' },
    { ...imagenet, model: 'imagenet/squeezenet1.1.onnx' },
    { ...imagenet, model: 'imagenet/mobilenetv2.onnx' },
  ])('$model composes and has all weights', async ({ model, calibration }) => {
    const net = await converted(model, calibration);
    const graph = await readNir(await nir.write(net));
    expectComposed(graph);
    expectWeights(graph, net);
  });

  it.skipIf(withoutH5py).each([
    { ...cifar, model: 'cifar10/resnet20.onnx' },
    { ...imagenet, model: 'imagenet/squeezenet1.1.onnx' },
  ])(`$model computes in numpy what the ANN does ${NEEDS_H5PY}`, async ({ model, calibration, data }) => {
    const net = await converted(model, calibration);
    const difference = await differenceToFile(folder, net, shared(`models/${model}`), shared(data));
    expect(difference).toBeLessThan(1e-4);
  });

  it.skipIf(withoutH5py)(
    `MobileNetV2 computes what the ANN does, with its bounds ${NEEDS_H5PY}`,
    async () => {
      const path = shared('models/imagenet/mobilenetv2.onnx');
      const model = await prepare(path);
      const dataset = await openDataset(shared(`data/${imagenet.calibration}`));
      const preprocessing = preprocessingFor(dataset, TORCHVISION);
      const calibration = await calibrate(model, dataset, preprocessing, { percentiles: [100] });
      // Where the code ends at 6 the bound is none of the neuron's; with larger amplitudes each is in the metadata.
      const scales = new Map([...adjustableLayers(model)].map((layer) => [layer, 1.5]));
      const net = convertModel(model, calibration, codingFor(model.plan, 'css', {}), {
        percentile: 100,
        adjusted: { scales, rounds: 1 },
      });
      const bounded = neuronLayers(net).filter(({ parameters }) => parameters?.high !== undefined);
      expect(bounded.length).toBeGreaterThan(10);
      expect(await differenceToFile(folder, net, path, shared(imagenet.data))).toBeLessThan(1e-4);
    },
  );

  it.skipIf(withoutH5py)(
    `ResNet-20 in 8 bits computes what the ANN does without rounding ${NEEDS_H5PY}`,
    async () => {
      const path = shared('models/cifar10/resnet20-qat8.onnx');
      const net = await converted('cifar10/resnet20-qat8.onnx', cifar.calibration);
      expect(net.arithmetic).toBe('integer');
      const images = await imagesFor(net, shared(cifar.data), 8);
      const { graph } = await prepare(path);
      const [answer] = await runAnalog(folder, [{ network: net, images }]);
      const difference = worstDifference(answer!.output, await annWithoutRounding(graph, images));
      const rounding = await differenceToFile(folder, net, path, shared(cifar.data));
      console.log(`without rounding ${difference}, with ${rounding}`);
      expect(difference).toBeLessThan(1e-4);
      expect(rounding).toBeLessThan(0.05);
    },
  );
});

describe.skipIf(withoutH5py)(`NIR graphs in a simulator ${NEEDS_H5PY}`, () => {
  it.each([
    { name: 'digits', args: [CONVERT_DIGITS[1]!, ...CONVERT_DIGITS.slice(2)] },
    { name: 'digits in integers', args: [DIGITS_INT8, ...CONVERT_DIGITS.slice(2)] },
  ])('$name comes to the ANN with a reset by subtraction, not with a hard one', async ({ args }) => {
    const net = await network(...args);
    const accuracies = await simulateRates(folder, net, TEST_SET, { count: 500, steps: [16, 64, 256] });
    console.log(JSON.stringify(accuracies));
    expect(accuracies.subtract['256']).toBeGreaterThan(accuracies.analog - 0.005);
    expect(accuracies.subtract['16']).toBeLessThan(accuracies.subtract['256']!);
    // A hard reset loses what is above the threshold, however many the steps.
    expect(accuracies.hard['256']).toBeLessThan(accuracies.analog - 0.02);
    expect(accuracies.hard['256']).toBeGreaterThan(accuracies.hard['16']!);
  });
});
