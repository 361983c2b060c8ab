// The NIR export of real networks: whether it holds them, and what is refused.
import { describe, expect, it } from 'vitest';
import { nir } from '../../src/export/nir.ts';
import { readNir } from '../../src/nir/read-nir.ts';
import { loadNetwork } from '../../src/snn/network/network-store.ts';
import { succeed } from '../cli/invoke.ts';
import { tempFolder } from '../data/temp-folder.ts';
import { analogOfNir, NEEDS_H5PY, withoutH5py } from '../export/nir-python.ts';
import { expectComposed, expectWeights } from '../export/nir-structure.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { IMAGENET_NORMALISATION } from './evaluation.ts';

const folder = tempFolder();
const cifar = { calibration: 'cifar10-calibration-1000.npz', data: 'data/cifar10-test-5000.npz' };
const imagenet = { calibration: 'imagenet-calibration-100', data: 'data/imagenet-sample-400' };

async function converted(model: string, calibration: string) {
  const path = folder.path('net.snn');
  const given = ['--calibration', shared(`data/${calibration}`), ...IMAGENET_NORMALISATION];
  await succeed('convert', shared(`models/${model}`), ...given, '-o', path);
  return { path, network: await loadNetwork(path) };
}

describe.skipIf(withoutShared)(`NIR graphs of real networks ${NEEDS_SHARED}`, () => {
  it.each([
    { ...cifar, model: 'cifar10/resnet20.onnx' },
    { ...cifar, model: 'cifar10/resnet20-qat8.onnx' },
    { ...imagenet, model: 'imagenet/squeezenet1.1.onnx' },
    { ...imagenet, model: 'imagenet/mobilenetv2.onnx' },
  ])('$model composes and has all weights', async ({ model, calibration }) => {
    const { network } = await converted(model, calibration);
    const graph = await readNir(await nir.write(network));
    expectComposed(graph);
    expectWeights(graph, network);
  });

  it.skipIf(withoutH5py).each([
    { ...cifar, model: 'cifar10/resnet20.onnx' },
    { ...imagenet, model: 'imagenet/squeezenet1.1.onnx' },
  ])(`$model computes in numpy what the ANN does ${NEEDS_H5PY}`, async ({ model, calibration, data }) => {
    const { network } = await converted(model, calibration);
    const path = shared(`models/${model}`);
    const { difference } = await analogOfNir(folder, network, path, shared(data));
    expect(difference).toBeLessThan(1e-4);
  });
});
