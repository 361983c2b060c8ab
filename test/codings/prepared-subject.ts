// The embedded network for digits, ready for codings.
import { type CodingSubject, codingSubject } from '../../src/codings/subject.ts';
import { type TestImages, testImages } from '../../src/codings/test-images.ts';
import { openDataset } from '../../src/data/dataset.ts';
import {
  calibrate,
  convertModel,
  firstImages,
  type PrepareOptions,
  prepare,
  preprocessingFor,
} from '../../src/pipeline.ts';
import { codingFor } from '../../src/snn/conversion/coding-for.ts';

export interface Prepared {
  readonly subject: CodingSubject;
  readonly test: TestImages;
}

/** A model with its calibration, and its first test images. */
export async function preparedSubject(given: {
  readonly model: string;
  readonly calibration: string;
  readonly data: string;
  readonly images: number;
  readonly preprocessing?: Parameters<typeof preprocessingFor>[1];
  readonly plan?: PrepareOptions;
}): Promise<Prepared> {
  const model = await prepare(given.model, given.plan);
  const set = await openDataset(given.calibration);
  const preprocessing = preprocessingFor(set, given.preprocessing ?? {});
  const calibration = await calibrate(model, set, preprocessing);
  const subject = codingSubject(
    {
      plan: model.plan,
      ann: model.graph,
      calibration,
      images: await firstImages(model, set, preprocessing, 256),
    },
    convertModel(model, calibration, codingFor(model.plan)),
  );
  const data = await openDataset(given.data, { limit: given.images });
  return { subject, test: await testImages(subject, data, preprocessing) };
}
