// Codings on real networks: rate coding where another converter lands, and what the others need.
import { beforeAll, describe, expect, it } from 'vitest';
import { baselineCodingNamed } from '../../src/codings/index.ts';
import { measureCoding } from '../../src/codings/measure.ts';
import { runStepped } from '../../src/codings/stepped-model.ts';
import { compareCodings } from '../../src/compare.ts';
import type { TradeOffPoint } from '../../src/metrics/trade-off.ts';
import type { Comparison } from '../../src/report/comparison.ts';
import { type Prepared, preparedSubject } from '../codings/prepared-subject.ts';
import { NEEDS_SHARED, shared, withoutShared } from '../shared.ts';

const CIFAR = {
  model: shared('models/cifar10/resnet20.onnx'),
  calibration: shared('data/cifar10-calibration-1000.npz'),
  data: shared('data/cifar10-test-5000.npz'),
  images: 500,
  preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** Networks of 128 steps take their time. */
const HOUR = 3_600_000;

const measured = async ({ subject, test }: Prepared, name: string, steps: readonly number[]) =>
  (await measureCoding(subject, baselineCodingNamed(name), test, { steps })).points;

/** The clock's answer to how long the first images take. */
async function latencyByTheClock({ subject }: Prepared, name: string, steps: number, images: number) {
  const coding = baselineCodingNamed(name);
  const [, ...shape] = subject.images.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const few = {
    ...subject.images,
    shape: [images, ...shape],
    data: subject.images.data.slice(0, images * size),
  };
  const settings = await coding.settings(subject, steps);
  return (await runStepped(subject, coding, settings, steps, few)).latency;
}

describe.skipIf(withoutShared)(`ResNet-20 on 500 CIFAR-10 test images ${NEEDS_SHARED}`, () => {
  let resnet: Prepared;
  beforeAll(async () => {
    resnet = await preparedSubject(CIFAR);
  }, HOUR);

  // Measured with SpikingJelly's converter (threshold at 99.9 %, soft reset) on 200 images.
  it('rate coding lands where another converter does', async () => {
    const points = await measured(resnet, 'rate', [12, 32, 64, 128]);
    const elsewhere = [0.11, 0.75, 0.87, 0.895];
    points.forEach(({ accuracy }, i) => {
      expect(Math.abs(accuracy - elsewhere[i]!)).toBeLessThanOrEqual(0.03 + 1e-9);
    });
  });

  it('few-spikes neurons of 10 steps lose at most 0.3 points, in a window for each layer', async () => {
    const [point] = (await measured(resnet, 'fs', [10])) as [TradeOffPoint];
    expect(resnet.test.annAccuracy - point.accuracy).toBeLessThanOrEqual(0.003);
    expect(point.latency).toBe(190);
    expect(await latencyByTheClock(resnet, 'fs', 10, 1)).toBe(190);
  });
});

describe.skipIf(withoutShared)(`comparison of codings on the same ${NEEDS_SHARED}`, () => {
  let comparison: Comparison;
  const codings = ['css', 'rate', 'rate-half', 'rate-signed', 'rate-cos'];
  beforeAll(async () => {
    const { model, calibration, data, preprocessing, images } = CIFAR;
    comparison = await compareCodings(model, {
      calibration: { path: calibration, preprocessing },
      data: { path: data, options: { limit: images } },
      codings,
    });
  }, HOUR);
  const pointOf = (name: string) =>
    comparison.needs.find(({ points }) => points === 1)!.codings.find((one) => one.name === name)!.point;
  const needed = (name: string) => pointOf(name)?.steps ?? Number.POSITIVE_INFINITY;
  const energyAt = (name: string) => pointOf(name)?.energyMj ?? Number.POSITIVE_INFINITY;

  it('css is within a point of the ANN at 8 steps or fewer', () => {
    expect(needed('css')).toBeLessThanOrEqual(8);
  });

  it('rate coding needs at least four times the steps', () => {
    expect(needed('rate')).toBeGreaterThanOrEqual(4 * needed('css'));
    expect(needed('rate-half')).toBeGreaterThanOrEqual(4 * needed('css'));
  });

  it('signed spikes need more steps than css, though not four times as many, and more energy', () => {
    expect(needed('rate-signed')).toBeGreaterThan(needed('css'));
    expect(needed('rate-signed')).toBeLessThan(4 * needed('css'));
    expect(energyAt('rate-signed')).toBeGreaterThan(energyAt('css'));
  });

  it('offset spikes need more steps than css, and many more until the answer', () => {
    expect(needed('rate-cos')).toBeGreaterThan(needed('css'));
    expect(pointOf('rate-cos')!.latency).toBeGreaterThan(4 * pointOf('css')!.latency);
  });
});

describe.skipIf(withoutShared)(`LeNet-5 on 2,000 MNIST test images ${NEEDS_SHARED}`, () => {
  it.each(['lenet5-avg', 'lenet5-max'])('ttfs of 64 levels loses at most 0.5 points: %s', async (name) => {
    const lenet = await preparedSubject({
      model: shared(`models/mnist/${name}.onnx`),
      calibration: shared('data/mnist/calibration-1000.npz'),
      data: shared('data/mnist/t10k-images-idx3-ubyte.gz'),
      images: 2000,
    });
    const [point] = (await measured(lenet, 'ttfs', [64])) as [TradeOffPoint];
    expect(lenet.test.annAccuracy - point.accuracy).toBeLessThanOrEqual(0.005);
    expect(point.spikesPerNeuron).toBeLessThanOrEqual(1);
    expect(point.latency).toBe(64 * lenet.subject.depth);
    expect(await latencyByTheClock(lenet, 'ttfs', 64, 4)).toBe(point.latency);
  });
});
