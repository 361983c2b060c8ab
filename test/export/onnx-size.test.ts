// What an exported ONNX file takes beside its weights.

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { type ConversionJob, convertFile } from '../../src/conversion-job.ts';
import type { Preprocessing } from '../../src/data/preprocessing.ts';
import { dense } from '../../src/engines/dense/index.ts';
import { onnx } from '../../src/export/onnx.ts';
import { readouts } from '../../src/snn/network/network.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';
import { filled, normal } from '../snn/tiny.ts';

const torchvision: Partial<Preprocessing> = {
  scale: 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** One image is enough: how large a file is does not depend on amplitudes. */
const images = (path: string, preprocessing: Partial<Preprocessing> = torchvision): ConversionJob => ({
  amplitudes: { kind: 'images', path: shared(`data/${path}`), options: { limit: 1 }, preprocessing },
});
const quantizers: ConversionJob = { amplitudes: { kind: 'quantizers', preprocessing: torchvision } };

const CASES: readonly (readonly [model: string, job: ConversionJob, percent: number])[] = [
  ['mnist/lenet5-avg.onnx', images('mnist/calibration-1000.npz', {}), 103.2],
  ['cifar10/resnet20.onnx', images('cifar10-calibration-1000.npz'), 101.8],
  ['cifar10/resnet20-qat8.onnx', quantizers, 109.9],
  ['imagenet/squeezenet1.1.onnx', images('imagenet-calibration-100'), 100.6],
  ['imagenet/mobilenetv2.onnx', images('imagenet-calibration-100'), 100.4],
];

describe.skipIf(withoutShared)(`an exported ONNX file ${NEEDS_SHARED}`, () => {
  it.each(CASES)('of %s is its weights and little more', async (model, job, percent) => {
    const { network } = await convertFile(shared(`models/${model}`), job);
    const weights = [...network.constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const { length } = await onnx.write(network);
    expect((100 * length) / weights).toBeLessThanOrEqual(percent);
    expect(length).toBeLessThanOrEqual(1.1 * weights);
  });

  it("of ResNet-20 in 8 bits gives the dense engine's logits, with weights that are stored as int8", async () => {
    const { network } = await convertFile(shared('models/cifar10/resnet20-qat8.onnx'), quantizers);
    const noise = filled([4, 3, 32, 32], normal(9));
    const compiled = await dense.compile(network);
    const { logits } = await compiled.run(noise);
    await compiled.release();
    const session = await InferenceSession.create(await onnx.write(network), { intraOpNumThreads: 1 });
    const answers = await session.run({
      [session.inputNames[0]!]: new OrtTensor('float32', noise.data, [4, 3, 32, 32]),
    });
    await session.release();
    for (const { name } of readouts(network)) {
      const steps = logits.get(name)!;
      expect(answers[name]!.data).toEqual(steps.slice(-steps.length / network.coding.T));
    }
  });
});
