// What a report page is about: a network, the file that it was made of, and its relatives with other codings.
import type { Calibration } from './calibration/calibration.ts';
import { problemsOf } from './codings/check-subject.ts';
import { baselineCodingNamed } from './codings/index.ts';
import { measureCoding } from './codings/measure.ts';
import { codingSubject } from './codings/subject.ts';
import { testImages } from './codings/test-images.ts';
import { calibrateFrom, type ImageSource, openImages, withMeasuredRates } from './conversion-job.ts';
import type { Dataset } from './data/dataset.ts';
import type { Fate } from './graph/fate.ts';
import type { TradeOffCurve } from './metrics/trade-off.ts';
import type { LoadedModel } from './onnx/load.ts';
import {
  convertModel,
  DEFAULT_PERCENTILE,
  firstImages,
  type PreparedModel,
  type PrepareOptions,
  prepare,
} from './pipeline.ts';
import type { Progress } from './progress.ts';
import { codingFor } from './snn/conversion/coding-for.ts';
import type { CodingOverrides } from './snn/network/coding.ts';
import type { Network } from './snn/network/network.ts';

/** A network to report on, and what is known of where it came from. */
export interface ReportSubject {
  readonly network: Network;
  readonly ann?: LoadedModel;
  readonly fates?: readonly Fate[];
  /** The same network with another number of coding steps; absent where only the network is known. */
  readonly withSteps?: (T: number) => Network;
  /** The same network with rate coding, or why it cannot have it; absent where only the network is known. */
  readonly rate?:
    | { readonly why: string }
    | { measure(dataset: Dataset, progress: Progress): Promise<TradeOffCurve> };
}

/** What to make a network of. */
export interface SubjectOptions extends PrepareOptions {
  /** Images to calibrate on. */
  readonly images: ImageSource;
  readonly coding?: string;
  readonly parameters?: Omit<CodingOverrides, 'Ts'> & { readonly Ts?: number | 'exact' | undefined };
  readonly percentile?: number;
  readonly progress?: (stage: string) => Progress;
}

/** Converts an ONNX file so that other numbers of steps can be had of it too. @throws Ann2SnnError as `convertFile` does */
export async function subjectOf(path: string, options: SubjectOptions): Promise<ReportSubject> {
  const { percentile = DEFAULT_PERCENTILE, progress = () => () => {} } = options;
  const model = await prepare(path, options);
  const coding = codingFor(model.plan, options.coding, options.parameters ?? {});
  const source = await openImages(model, options.images);
  const { dataset, preprocessing } = source;
  const calibration = await calibrateFrom(model, source, [percentile], progress('calibrating'));
  const build = (T: number) =>
    convertModel(model, calibration, { ...coding, T, Ts: Math.min(coding.Ts, T - 1) }, { percentile });
  return {
    network: await withMeasuredRates(model, build(coding.T), dataset, preprocessing),
    ann: model.file,
    fates: model.fates,
    withSteps: build,
    rate: await rateOf(model, build(coding.T), dataset, calibration),
  };
}

/** Images that threshold rules of other codings may run on. */
const THRESHOLD_IMAGES = 64;

/** The plain rate-coded network: integrate-and-fire neurons that are reset by subtraction, on the same plan. */
async function rateOf(
  model: PreparedModel,
  network: Network,
  dataset: Dataset,
  calibration: Calibration,
): Promise<NonNullable<ReportSubject['rate']>> {
  const { plan, graph: ann } = model;
  const rate = baselineCodingNamed('rate');
  const [problem, ...others] = problemsOf(rate, { plan });
  if (problem !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return { why: `${problem.where.replace(/^rate: /, '')}: ${problem.message}${more}` };
  }
  const { preprocessing } = calibration;
  return {
    async measure(test, progress) {
      const images = await firstImages(model, dataset, preprocessing, THRESHOLD_IMAGES);
      const subject = codingSubject({ plan, ann, calibration, images }, network);
      const answered = await testImages(subject, test, preprocessing);
      const curve = await measureCoding(subject, rate, answered, { progress });
      return { ...curve, label: 'rate coding, soft reset' };
    },
  };
}
