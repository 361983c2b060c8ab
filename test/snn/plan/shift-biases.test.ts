import { expect, it } from 'vitest';
import { openDataset } from '../../../src/data/dataset.ts';
import { reference } from '../../../src/engines/reference/index.ts';
import { unitAt } from '../../../src/ops/unit.ts';
import { calibrate, convertModel, firstImages, prepare, preprocessingFor } from '../../../src/pipeline.ts';
import { codingOf } from '../../../src/snn/network/coding.ts';
import { neuronLayers } from '../../../src/snn/network/network.ts';
import { biasOf } from '../../../src/snn/plan/shift-biases.ts';
import { CALIBRATION_SET, MODEL, SCALE } from '../../cli/digits.ts';

it('adds the shift to what each active neuron of the layer carries', async () => {
  const model = await prepare(MODEL);
  const set = await openDataset(CALIBRATION_SET, { limit: 20 });
  const preprocessing = preprocessingFor(set, { scale: SCALE });
  const calibration = await calibrate(model, set, preprocessing);
  // Ts = T - 1 carries values within half an amplitude.
  const coding = codingOf('canonical', { T: 10, Ts: 9 });
  const images = await firstImages(model, set, preprocessing, 4);
  const first = neuronLayers(convertModel(model, calibration, coding))[0]!;
  const channels = first.shape[0]!;
  const area = first.shape.slice(1).reduce((a, b) => a * b, 1);
  const shift = Array.from({ length: channels }, (_, c) => 0.05 * (c % 3));
  const decoded = async (biases: ReadonlyMap<string, readonly number[]>) => {
    const tuned = { scales: new Map(), biases, provenance: 'test' };
    const network = convertModel(model, calibration, coding, { tuned });
    expect(network.provenance.tuning).toBe('test');
    const trace = await (await reference.compile(network)).run(images, { states: true });
    return trace.layers.get(first.name)!.decoded!;
  };
  const before = await decoded(new Map());
  const after = await decoded(new Map([[first.name, shift]]));
  expect(biasOf(model.plan, first.name)).not.toBeNull();
  let checked = 0;
  before.forEach((value, i) => {
    const channel = Math.floor(i / area) % channels;
    const theta = unitAt(first.theta, channel);
    if (value <= 1 || value > 900) return;
    checked++;
    expect(Math.abs((after[i]! - value) * theta - shift[channel]!)).toBeLessThanOrEqual(1.01 * theta);
  });
  expect(checked).toBeGreaterThan(100);
});
