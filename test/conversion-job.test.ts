// What the command does not show: that the job does the same as the steps of the pipeline one by one, and what it refuses.
import { describe, expect, it } from 'vitest';
import { type AmplitudeSource, convertFile } from '../src/conversion-job.ts';
import { openDataset } from '../src/data/dataset.ts';
import { engineNamed } from '../src/engines/index.ts';
import { withSpikeRates } from '../src/metrics/spike-rates.ts';
import { calibrate, convertModel, firstImages, prepare, preprocessingFor } from '../src/pipeline.ts';
import { codingOf } from '../src/snn/network/coding.ts';
import { spikingLayers } from '../src/snn/network/network.ts';
import { writeNetwork } from '../src/snn/network/network-file.ts';
import { CALIBRATION_SET, MODEL, SCALE } from './cli/digits.ts';

const INT8 = MODEL.replace('digits.onnx', 'digits-int8.onnx');
const IMAGES: AmplitudeSource = {
  kind: 'images',
  path: CALIBRATION_SET,
  options: { limit: 20 },
  preprocessing: { scale: SCALE },
};

describe('convertFile', () => {
  it('makes the network that the steps of the pipeline make', async () => {
    const model = await prepare(MODEL);
    const images = await openDataset(CALIBRATION_SET, { limit: 20 });
    const calibration = await calibrate(model, images, preprocessingFor(images, { scale: SCALE }));
    const byHand = convertModel(model, calibration, codingOf('canonical'));
    const { network, ...found } = await convertFile(MODEL, { amplitudes: IMAGES, coding: 'canonical' });
    const few = await firstImages(model, images, calibration.preprocessing, 8);
    const rated = await withSpikeRates(byHand, engineNamed('dense'), few);
    expect(writeNetwork(network)).toEqual(writeNetwork(rated));
    expect(spikingLayers(network).every((layer) => layer.spikesPerNeuron! > 0)).toBe(true);
    expect(found).toEqual({ bits: null, adjustment: null, search: null, largestPixel: null });
    const again = await convertFile(MODEL, {
      amplitudes: { kind: 'calibration', calibration },
      coding: 'canonical',
    });
    expect(writeNetwork(again.network)).toEqual(writeNetwork(byHand));
  });

  it('tells its stages, each from its beginning to its end', async () => {
    const stages = new Map<string, [number, number]>();
    const { search, adjustment } = await convertFile(INT8, {
      amplitudes: { ...IMAGES, options: { limit: 4 } },
      parameters: { Ts: 'auto' },
      progress: (stage) => (done, total) => stages.set(stage, [done, total]),
    });
    expect([search?.differing, adjustment]).toEqual([0, null]);
    expect([...stages.keys()]).toEqual(['calibrating', 'comparing integers', 'converting']);
    for (const [done, total] of stages.values()) expect(done).toBe(total);
  });

  it('needs images for what it tries out, and a scale where there are none', async () => {
    const amplitudes: AmplitudeSource = { kind: 'quantizers', preprocessing: { scale: SCALE } };
    const parameters = { Ts: 'auto' } as const;
    await expect(convertFile(INT8, { amplitudes, parameters, adjust: 2 })).rejects.toMatchObject({
      code: 'invalid-option',
      problems: [{ where: 'silent period "auto"' }, { where: 'adjusting amplitudes' }],
    });
    await expect(
      convertFile(INT8, { amplitudes: { kind: 'quantizers', preprocessing: {} } }),
    ).rejects.toMatchObject({ code: 'invalid-option', problems: [{ where: 'scale' }] });
    const { bits } = await convertFile(INT8, { amplitudes });
    expect(bits).toBe(8);
  });
});
