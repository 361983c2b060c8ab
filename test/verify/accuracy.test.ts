// What conversion costs on real networks and data.
import { describe, expect, it } from 'vitest';
import { NEEDS_SHARED, withoutShared } from '../shared.ts';
import { CIFAR_NORMALISATION, convertAndEvaluate, IMAGENET_NORMALISATION } from './evaluation.ts';

const cifar10 = { calibration: 'cifar10-calibration-1000.npz', data: 'cifar10-test-5000.npz' };

describe.skipIf(withoutShared)(`ResNet-20 on 5,000 CIFAR-10 test images ${NEEDS_SHARED}`, () => {
  const job = { ...cifar10, model: 'cifar10/resnet20.onnx' };
  let paperSpikes = Number.NaN;

  it("loses at most 0.0025 at the paper's setting", async () => {
    const report = await convertAndEvaluate({ ...job, options: IMAGENET_NORMALISATION });
    expect(report.coding).toMatchObject({ T: 12, beta: 1.5, Ts: 1, phi: 0.5 });
    expect(report.conversionLoss).toBeLessThanOrEqual(0.0025);
    expect(report.snn.agreement).toBeGreaterThanOrEqual(0.992);
    expect(report.latency).toMatchObject({
      steps: 31,
      tsaLayers: 19,
      interval: 13,
      measured: { steps: 31, interval: 13, sameAnswers: true },
    });
    paperSpikes = report.spikes.perNeuron;
  });

  it('falls by more than 5 points without a silent period', async () => {
    const report = await convertAndEvaluate({
      ...job,
      options: [...IMAGENET_NORMALISATION, '--silent', '0'],
    });
    expect(report.conversionLoss).toBeGreaterThan(0.05);
  });

  it('keeps its answers with at most 70 % of the spikes at the canonical threshold', async () => {
    const report = await convertAndEvaluate({
      ...job,
      options: [...IMAGENET_NORMALISATION, '--threshold', '0.6667'],
    });
    expect(report.snn.agreement).toBeGreaterThanOrEqual(0.99);
    expect(report.spikes.perNeuron).toBeLessThanOrEqual(0.7 * paperSpikes);
  });
});

describe.skipIf(withoutShared)(`LeNet-5 on all 10,000 MNIST test images ${NEEDS_SHARED}`, () => {
  it.each(['mnist/lenet5-avg.onnx', 'mnist/lenet5-max.onnx'])('%s agrees on 99.8 %', async (model) => {
    const report = await convertAndEvaluate({
      model,
      calibration: 'mnist/calibration-1000.npz',
      data: 'mnist/t10k-images-idx3-ubyte.gz',
      options: ['--steps', '8', '--beta', '2', '--silent', '1'],
    });
    expect(report.images).toBe(10_000);
    expect(report.snn.agreement).toBeGreaterThanOrEqual(0.998);
  });
});

describe.skipIf(withoutShared)(
  `further networks lose at most a point on 1,000 images ${NEEDS_SHARED}`,
  () => {
    const simplenet = [
      ...['--scale', '1', '--mean', '129.30417,124.06996,112.43405'],
      ...['--std', '68.17024,65.39181,70.41837'],
    ];
    const cifar100 = {
      calibration: 'cifar100-calibration-1000.npz',
      data: 'cifar100-test-2000.npz',
      options: simplenet,
    };
    it.each([
      { ...cifar10, model: 'cifar10/resnet20_bn.onnx', options: IMAGENET_NORMALISATION },
      { ...cifar10, model: 'cifar10/resnet20-opset9-batch1.onnx', options: CIFAR_NORMALISATION },
      { ...cifar10, model: 'cifar10/vgg11-half.onnx', options: IMAGENET_NORMALISATION },
      { ...cifar100, model: 'cifar100/simplenet.onnx' },
      { ...cifar100, model: 'cifar100/simplenet_bn.onnx' },
    ])('$model', async (job) => {
      const report = await convertAndEvaluate({ ...job, limit: 1000 });
      expect(report.coding.T).toBe(12);
      expect(report.conversionLoss).toBeLessThanOrEqual(0.01);
    });

    it('SimpleNet loses at most 0.004 on 2,000 images at T = 10', async () => {
      const report = await convertAndEvaluate({
        ...cifar100,
        model: 'cifar100/simplenet.onnx',
        options: [...simplenet, '--coding', 'canonical', '--steps', '10'],
      });
      expect(report.images).toBe(2000);
      expect(report.conversionLoss).toBeLessThanOrEqual(0.004);
    });

    it('tinymobilenet loses at most 0.005 on 5,000 images at T = 16', async () => {
      const report = await convertAndEvaluate({
        ...cifar10,
        model: 'cifar10/tinymobilenet/model.onnx',
        options: [...CIFAR_NORMALISATION, '--steps', '16'],
      });
      expect(report.images).toBe(5000);
      expect(report.conversionLoss).toBeLessThanOrEqual(0.005);
    });
  },
);

describe.skipIf(withoutShared)(`400 pictures of ImageNet, 100 to calibrate ${NEEDS_SHARED}`, () => {
  const imagenet = { calibration: 'imagenet-calibration-100', data: 'imagenet-sample-400' };
  const canonical = ['--coding', 'canonical', '--steps', '10'];
  it.each([
    { model: 'imagenet/squeezenet1.1.onnx', settings: canonical, layers: 26 },
    { model: 'imagenet/mobilenetv2.onnx', settings: canonical, layers: 52 },
    { model: 'imagenet/shufflenet-v2-int8-qoperator.onnx', settings: ['--silent', '3'], layers: 56 },
  ])('$model agrees with its ANN on 97 %', async ({ model, settings, layers }) => {
    const options = [...IMAGENET_NORMALISATION, ...settings];
    const report = await convertAndEvaluate({ ...imagenet, model, options });
    expect(report.images).toBe(400);
    expect(report.snn.agreement).toBeGreaterThanOrEqual(0.97);
    expect(report.layers.filter(({ kind }) => kind !== 'encoder')).toHaveLength(layers);
  });
});
