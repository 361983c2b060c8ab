// A network of the embedded digits with two steps only: few enough for it to make mistakes, which counts must show.
import { openDataset } from '../../src/data/dataset.ts';
import { calibrate, convertModel, prepare, preprocessingFor } from '../../src/pipeline.ts';
import { codingOf } from '../../src/snn/network/coding.ts';
import { CALIBRATION_SET, MODEL, SCALE } from '../cli/digits.ts';

export async function digitsNetwork() {
  const model = await prepare(MODEL);
  const set = await openDataset(CALIBRATION_SET, { limit: 50 });
  const calibration = await calibrate(model, set, preprocessingFor(set, { scale: SCALE }));
  const network = convertModel(model, calibration, codingOf('css', { T: 2 }), { percentile: 99.99 });
  return { network, ann: model.file };
}
