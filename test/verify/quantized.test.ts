// What quantized networks keep of themselves: accuracy on real data, and every integer.
import { beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/dataset.ts';
import { event } from '../../src/engines/event/index.ts';
import { convertModel, preprocessingFor, quantizersOnly } from '../../src/pipeline.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';
import { findSilentPeriods, type SilentSearch } from '../../src/tuning/silent-periods.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { convertAndEvaluate, IMAGENET_NORMALISATION } from './evaluation.ts';
import { annDifferences, CIFAR, decodedDifferences, quantizedModel, TORCHVISION } from './integers.ts';

const TEST = 'cifar10-test-5000.npz';
const IMAGES = 1000;
/** The largest fraction of integers in which float32 may fall otherwise at a tie. */
const TIES = 1e-4;

describe.skipIf(withoutShared)(`quantized ResNet-20 on 5,000 CIFAR-10 test images ${NEEDS_SHARED}`, () => {
  it.each([
    ['resnet20-qat8', ['--silent', '2'], 0.002],
    ['resnet20-qat8', ['--silent', '1'], 0.003],
    ['resnet20-qat8-full', ['--silent', '2'], 0.002],
    ['resnet20-qat8-full', ['--silent', '1'], 0.003],
    ['resnet20-qat4', ['--steps', '4', '--silent', '2'], 0.005],
  ] as const)('%s %j loses at most %d', async (model, options, loss) => {
    const report = await convertAndEvaluate({
      model: `cifar10/${model}.onnx`,
      data: TEST,
      options: ['--scale', '255', ...IMAGENET_NORMALISATION, ...options],
    });
    expect(report.images).toBe(5000);
    expect(report.arithmetic).toBe('integer');
    expect(report.conversionLoss).toBeLessThanOrEqual(loss);
  });
});

describe.skipIf(withoutShared)(`accuracy against T of a 4-bit network (CSS Table 3) ${NEEDS_SHARED}`, () => {
  it('rises with T and is that of the ANN from T = 5 on', async () => {
    const accuracies: number[] = [];
    let ann = Number.NaN;
    for (let T = 1; T <= 8; T++) {
      const report = await convertAndEvaluate({
        model: 'cifar10/resnet20-qat4.onnx',
        data: TEST,
        options: [
          '--scale',
          '255',
          ...IMAGENET_NORMALISATION,
          '--steps',
          String(T),
          '--silent',
          String(Math.min(2, T - 1)),
        ],
        limit: 1000,
      });
      accuracies.push(report.snn.accuracy!);
      ann = report.ann.accuracy!;
    }
    console.log(`ANN ${ann}; T = 1..8: ${accuracies.join(' ')}`);
    expect(accuracies[0]!).toBeLessThan(ann - 0.2);
    expect(accuracies[1]!).toBeGreaterThan(accuracies[0]!);
    expect(accuracies[2]!).toBeGreaterThan(accuracies[1]!);
    for (const accuracy of accuracies.slice(4)) expect(Math.abs(accuracy - ann)).toBeLessThanOrEqual(0.005);
  });
});

describe.skipIf(withoutShared)(`integers ${NEEDS_SHARED}`, () => {
  it.each([
    ['cifar10/resnet20-qat8.onnx', 1 / 2],
    ['cifar10/resnet20-qat8.onnx', 2 / 3],
    ['cifar10/resnet20-qat8-full.onnx', 1 / 2],
    ['cifar10/resnet20-qat4.onnx', 1 / 2],
  ])('%s at phi %d decodes exactly in exact mode', async (model, phi) => {
    const quantized = await quantizedModel(model, TEST, TORCHVISION);
    const network = quantized.network({ Ts: 'exact', phi });
    expect(network.coding.Ts).toBe(network.coding.T - 1);
    const found = await decodedDifferences(network, quantized.dataset, IMAGES);
    console.log(`${model} phi ${phi}:`, found);
    expect(found.integers).toBe(IMAGES * 188_416);
    expect(found.differing).toBe(0);
  });

  it.each([
    ['cifar10/resnet20-qat8.onnx', TEST, TORCHVISION, 64],
    ['cifar10/resnet20-qat8-full.onnx', TEST, TORCHVISION, 64],
    ['cifar10/resnet20-qat4.onnx', TEST, TORCHVISION, 64],
    ['cifar10/tinymobilenet/model_int8.onnx', TEST, CIFAR, 64],
    ['imagenet/shufflenet-v2-int8-qoperator.onnx', 'imagenet-sample-400', TORCHVISION, 8],
    ['imagenet/mobilenetv2-int8-badly-calibrated.onnx', 'imagenet-sample-400', TORCHVISION, 4],
  ])("%s: the quantized ANN's integers are ONNX Runtime's", async (model, data, normalisation, count) => {
    const quantized = await quantizedModel(model, data, normalisation);
    const found = await annDifferences(quantized, quantized.network({ Ts: 'exact' }), count);
    console.log(`${model}:`, found);
    expect(found.differing).toBeLessThanOrEqual(TIES * found.integers);
    expect(found.worst).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(withoutShared)(`a silent period of 2 in every layer of ResNet-20 ${NEEDS_SHARED}`, () => {
  it('changes nothing on 12 images, and rare integers on 1,000', async () => {
    const { network, dataset } = await quantizedModel('cifar10/resnet20-qat8.onnx', TEST, TORCHVISION);
    expect((await decodedDifferences(network({ Ts: 2 }), dataset, 12)).differing).toBe(0);
    const found = await decodedDifferences(network({ Ts: 2 }), dataset, IMAGES);
    console.log('Ts 2:', found);
    expect(found.differing).toBeGreaterThan(0);
    expect(found.differing).toBeLessThanOrEqual(1e-3 * found.integers);
  });
});

describe.skipIf(withoutShared).each([
  // Below the 46 steps of Ts = 2 everywhere, which is not exact itself.
  { phi: 1 / 2, latency: 45, spikes: 2.05 },
  { phi: 2 / 3, latency: 75, spikes: 1.35 },
])(`the shortest silent periods of ResNet-20 at phi $phi ${NEEDS_SHARED}`, ({ phi, latency, spikes }) => {
  let search: SilentSearch;
  let found: Awaited<ReturnType<typeof decodedDifferences>>;

  beforeAll(async () => {
    const { model, dataset } = await quantizedModel('cifar10/resnet20-qat8.onnx', TEST, TORCHVISION);
    const images = await openDataset(shared('data/cifar10-calibration-1000.npz'));
    const calibration = quantizersOnly(model, preprocessingFor(images, TORCHVISION));
    const coding = codingFor(model.plan, 'sws', { phi });
    const build = (layers: SilentSearch['layers']) =>
      convertModel(model, calibration, coding, { layers, lookAhead: true });
    search = await findSilentPeriods(build, images, { engine: event });
    found = await decodedDifferences(build(search.layers), dataset, IMAGES);
    console.log(`phi ${phi}:`, search, found);
  }, 3_600_000);

  it('change nothing on 1,000 calibration images, and save steps and spikes', () => {
    expect(search).toMatchObject({ images: 1000, differing: 0 });
    expect(search.latency).toBeLessThanOrEqual(latency);
    expect(search.latency).toBeLessThan(search.uniform.latency);
    expect(found.spikesPerNeuron).toBeLessThanOrEqual(spikes);
  });

  it('change at most 1e-6 of the integers of 1,000 test images', () => {
    expect(found.differing).toBeLessThanOrEqual(1e-6 * found.integers);
  });
});
