// One tuning from the ONNX file to the recommended network: the calibration images are halved, one half measures amplitudes
// and the other judges what is tried (or images of their own do), the test images are run at the end and decide nothing.
import { basename } from 'node:path';
import { observeChannelMaxima } from './calibration/calibrate.ts';
import { withMeasuredRates } from './conversion-job.ts';
import { type Dataset, type DatasetOptions, openDatasetFor } from './data/dataset.ts';
import type { Preprocessing } from './data/preprocessing.ts';
import { shuffledIndices, subset } from './data/subset.ts';
import { engineNamed } from './engines/index.ts';
import { Ann2SnnError, type Problem, throwIfAny } from './errors.ts';
import { scoredReadout } from './metrics/accuracy.ts';
import {
  adjustableLayers,
  calibrationFrom,
  convertModel,
  DEFAULT_PERCENTILE,
  observe,
  type PreparedModel,
  type PrepareOptions,
  prepare,
  preprocessingFor,
  verify,
} from './pipeline.ts';
import type { Progress } from './progress.ts';
import { byName } from './registry.ts';
import { codingFor } from './snn/conversion/coding-for.ts';
import type { Network } from './snn/network/network.ts';
import { observedValues, plannedInputs } from './snn/plan/planned.ts';
import { PERCENTILES } from './tuning/moves/amplitude-rule.ts';
import { type Objective, objectives } from './tuning/objectives.ts';
import { plainSetting, type Setting } from './tuning/setting.ts';
import { DEFAULT_BUDGET, type Figures, figuresOf, type Judged, Trials } from './tuning/trials.ts';
import { type TuneOptions, type TuneResult, type TuningStep, tune, tuningProvenance } from './tuning/tune.ts';
import { recordOriginal } from './workers/original.ts';

export interface TuneJob extends PrepareOptions {
  /** Images that measure amplitudes; half of them judge, where `validation` is not given. */
  readonly calibration: DataSource;
  /** What is not given is the default for the data's element type. */
  readonly preprocessing?: Partial<Preprocessing>;
  /** Images that judge, best such as the ANN was not trained on. */
  readonly validation?: DataSource;
  /** Labelled images on which the recommended network is reported. */
  readonly test?: DataSource;
  /** Name of an objective: `energy` unless given. */
  readonly minimise?: string;
  /** Fraction of accuracy that may be lost: 0.001 unless given. */
  readonly maxLoss?: number;
  /** Steps that the answer may take; any number unless given. */
  readonly maxLatency?: number;
  /** Runs over all validation images that the search may take: 120 unless given. Runs on some of them count as that share. */
  readonly budget?: number;
  readonly engine?: string;
  /** Told of every step of the search as it is done. */
  readonly onStep?: (step: TuningStep) => void;
  readonly progress?: (stage: string) => Progress;
}

export interface DataSource {
  readonly path: string;
  readonly options?: DatasetOptions;
}

/** What a tuning found. */
export interface Tuned extends TuneResult {
  readonly network: Network;
  readonly chosen: NonNullable<TuneResult['chosen']>;
  readonly objective: Objective;
  readonly maxLoss: number;
  readonly maxLatency: number | null;
  /** Images that measured amplitudes, that judged, and on which changes were first tried. */
  readonly images: { readonly calibration: number; readonly validation: number; readonly screened: number };
  /** Runs over all validation images: allowed and taken. */
  readonly budget: { readonly allowed: number; readonly spent: number };
  /** Of the recommended network on the test images; null without them. */
  readonly test: (Figures & { readonly file: string }) | null;
}

export const DEFAULT_MAX_LOSS = 0.001;

/**
 * Tunes a conversion. The same files and options give the same network, byte for byte.
 * @throws Ann2SnnError naming the file or every option that is wrong, and `not-attainable` where no network that was tried holds.
 */
export async function tuneFile(path: string, job: TuneJob): Promise<Tuned> {
  const { maxLoss = DEFAULT_MAX_LOSS, maxLatency, budget = DEFAULT_BUDGET, progress = () => () => {} } = job;
  checkOptions(job);
  const objective = byName<Objective>('objective', objectives, job.minimise ?? 'energy');
  const engine = engineNamed(job.engine ?? 'event');
  const model = await prepare(path, job);
  const open = ({ path: from, options }: DataSource) =>
    openDatasetFor(plannedInputs(model.plan), from, options);
  const given = await open(job.calibration);
  const test = job.test === undefined ? null : await open(job.test);
  const [calibrating, judging] = halves(given, job.validation && (await open(job.validation)));
  const preprocessing = preprocessingFor(given, job.preprocessing ?? {});
  await verify(model, calibrating, preprocessing);

  const histograms = await observe(model, calibrating, preprocessing, progress('calibrating'));
  const channelMaxima = await observeChannelMaxima(
    model.plan.graph,
    observedValues(model.plan),
    calibrating,
    preprocessing,
  );
  const calibration = calibrationFrom(model, calibrating, preprocessing, histograms, PERCENTILES);
  const build = ({ coding, percentile, layers, scales, biases }: Setting, provenance = '') =>
    convertModel(model, calibration, coding, {
      percentile,
      layers,
      tuned: { scales, biases, provenance },
    });

  const reference = plainSetting(codingFor(model.plan), DEFAULT_PERCENTILE);
  const judged = (dataset: Dataset) => judgedBy(model, build(reference), dataset);
  const drawn = progress('tuning');
  const allowed = Math.round(budget * judging.count);
  const trials = new Trials(build, await judged(judging), {
    engine,
    budget: allowed,
    progress: (spent) => drawn(spent, allowed),
  });
  const options: TuneOptions = {
    objective,
    maxLoss,
    ...(maxLatency === undefined ? {} : { maxLatency }),
    ...(job.onStep === undefined ? {} : { onStep: job.onStep }),
    context: {
      ...{ histograms, channelMaxima, engine },
      calibration: calibrating,
      adjustable: adjustableLayers(model),
    },
  };
  const found = await tune(trials, reference, options);
  drawn(allowed, allowed);
  const { chosen } = found;
  if (chosen === null) throw nothingHolds(trials, maxLoss, maxLatency);
  const bare = build(chosen.setting, tuningProvenance(options, judging.count, chosen));
  const network = await withMeasuredRates(model, bare, calibrating, preprocessing);
  const testing = progress('testing');
  testing(0, 1);
  const tested =
    test === null
      ? null
      : { file: basename(test.path), ...(await figuresOf(bare, await judged(test), { engine })) };
  testing(1, 1);
  return {
    ...found,
    ...{ network, chosen, objective, maxLoss, maxLatency: maxLatency ?? null },
    images: { calibration: calibrating.count, validation: judging.count, screened: trials.screened },
    budget: { allowed: budget, spent: trials.spent / judging.count },
    test: tested,
  };
}

/** The images that calibrate and those that judge. */
function halves(given: Dataset, validation: Dataset | undefined): readonly [Dataset, Dataset] {
  if (validation !== undefined) {
    return [given, subset(validation, shuffledIndices(validation.count))];
  }
  if (given.count < 2) {
    throw new Ann2SnnError('invalid-data', {
      where: given.path,
      message: `expected at least 2 images, one to calibrate and one to judge by, found ${given.count}`,
    });
  }
  const indices = shuffledIndices(given.count);
  const half = Math.ceil(given.count / 2);
  return [subset(given, indices.slice(0, half)), subset(given, indices.slice(half))];
}

/** Images with the ANN's logits. */
async function judgedBy(model: PreparedModel, network: Network, images: Dataset): Promise<Judged> {
  const scores = scoredReadout(network);
  if (scores === null) {
    throw new Ann2SnnError('invalid-option', {
      where: basename(model.file.path),
      message:
        'expected an output that is a vector of class scores, by which a loss can be judged; found none',
    });
  }
  const recorded = await recordOriginal(network, model.file, images, network.preprocessing, () => true);
  const { decoded, values } = recorded!;
  const ann = values.get(decoded.get(scores.name) ?? scores.name)!;
  return { images, ann, scores };
}

function checkOptions({ maxLoss, maxLatency, budget }: TuneJob): void {
  const problems: Problem[] = [];
  const expect = (holds: boolean, where: string, expected: string, found: unknown) => {
    if (!holds) problems.push({ where, message: `expected ${expected}, found ${found}` });
  };
  const { isInteger } = Number;
  expect(
    maxLoss === undefined || (maxLoss > 0 && maxLoss < 1),
    'loss that is allowed',
    'a fraction above 0 and below 1',
    maxLoss,
  );
  expect(
    maxLatency === undefined || (isInteger(maxLatency) && maxLatency > 0),
    'latency that is allowed',
    'a whole number of steps above 0',
    maxLatency,
  );
  expect(budget === undefined || budget >= 1, 'budget', 'at least 1 run over the validation images', budget);
  throwIfAny('invalid-option', problems);
}

function nothingHolds({ measured }: Trials, maxLoss: number, maxLatency: number | undefined): Ann2SnnError {
  const least = Math.min(...measured.map(({ figures }) => figures.lossBound));
  const points = (fraction: number) => Number((100 * fraction).toPrecision(3));
  const within = maxLatency === undefined ? '' : ` within ${maxLatency} steps`;
  return new Ann2SnnError(
    'not-attainable',
    {
      where: 'loss that is allowed',
      message: `expected a network that loses at most ${points(maxLoss)} points${within}; the least bound of those tried is ${points(least)}`,
    },
    { help: 'allow more loss or latency, give more images, or a larger budget' },
  );
}
