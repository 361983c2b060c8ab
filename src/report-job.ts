// Everything that a report page shows, measured: the evaluation, residuals and spikes of some images, and the same network at
// other numbers of steps.
import type { Calibration } from './calibration/calibration.ts';
import { problemsOf } from './codings/check-subject.ts';
import { measureCoding, testImages } from './codings/measure.ts';
import { rateSoftReset } from './codings/rate.ts';
import { codingSubject } from './codings/subject.ts';
import { type Dataset, type DatasetOptions, openDatasetFor } from './data/dataset.ts';
import { type Preprocessing, preprocess } from './data/preprocessing.ts';
import { ENERGY_CONSTANTS, type EnergyConstants } from './energy/energy-constants.ts';
import { energyMj } from './energy/energy-model.ts';
import { decided } from './engines/auto/index.ts';
import type { Engine } from './engines/engine.ts';
import { engineNamed } from './engines/index.ts';
import { evaluate } from './evaluate.ts';
import type { Fate } from './graph/fate.ts';
import { wilsonInterval } from './metrics/confidence.ts';
import { addResiduals, emptyResiduals, RESIDUAL_EDGES } from './metrics/residuals.ts';
import { rateImages, withSpikeRates } from './metrics/spike-rates.ts';
import type { TradeOffCurve, TradeOffPoint } from './metrics/trade-off.ts';
import type { LoadedModel } from './onnx/load.ts';
import {
  calibrate,
  convertModel,
  DEFAULT_PERCENTILE,
  firstImages,
  type PreparedModel,
  type PrepareOptions,
  prepare,
  preprocessingFor,
  verify,
} from './pipeline.ts';
import type { Progress } from './progress.ts';
import { energyTable } from './report/energy-table.ts';
import type { PageData } from './report/page-data.ts';
import { rasterTable } from './report/raster-table.ts';
import type { Report } from './report/report.ts';
import { pointOf } from './report/trade-off-point.ts';
import { codingFor } from './snn/conversion/coding-for.ts';
import { type CodingOverrides, MAX_STEPS } from './snn/network/coding.ts';
import { imageShapeOf } from './snn/network/inputs.ts';
import type { Network } from './snn/network/network.ts';
import { plannedInputs } from './snn/plan/planned.ts';
import { TOOL } from './tool.ts';

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

export interface ReportOptions {
  /** As typed; stands on the page. */
  readonly command: string;
  readonly engine: Engine;
  readonly workers?: number;
  readonly dataOptions?: DatasetOptions;
  readonly constants?: EnergyConstants;
  /** Numbers of coding steps to measure besides the network's own; some around it unless given. */
  readonly steps?: readonly number[];
  /** Curves in the place of those that are measured, and where they are from. */
  readonly curves?: { readonly curves: readonly TradeOffCurve[]; readonly from: string };
  /** Whether the rate-coded network is measured as well; true unless given. */
  readonly baseline?: boolean;
  /** Images on which residuals are measured: 64 by default. */
  readonly diagnosed?: number;
  /** Which image's spikes are shown, by index: the first by default. */
  readonly image?: number;
  readonly progress?: (stage: string) => Progress;
}

/** What to make a network of. */
export interface SubjectOptions extends PrepareOptions {
  readonly calibration: string;
  readonly calibrationOptions?: DatasetOptions;
  readonly preprocessing?: Partial<Preprocessing>;
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
  const dataset = await openDatasetFor(
    plannedInputs(model.plan),
    options.calibration,
    options.calibrationOptions,
  );
  const preprocessing = preprocessingFor(dataset, options.preprocessing ?? {});
  await verify(model, dataset, preprocessing);
  const calibration = await calibrate(model, dataset, preprocessing, {
    ...{ percentiles: [percentile], progress: progress('calibrating') },
  });
  const build = (T: number) =>
    convertModel(model, calibration, { ...coding, T, Ts: Math.min(coding.Ts, T - 1) }, { percentile });
  return {
    network: await measuredRates(model, build(coding.T), dataset, calibration),
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
  const [problem, ...others] = problemsOf(rateSoftReset, { plan });
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
      const curve = await measureCoding(subject, rateSoftReset, answered, { progress });
      return { ...curve, label: 'rate coding, soft reset' };
    },
  };
}

/** As `convert` does, so that engines know what layers cost. */
async function measuredRates(
  model: PreparedModel,
  network: Network,
  dataset: Dataset,
  { preprocessing }: Calibration,
): Promise<Network> {
  const images = Math.min(dataset.count, rateImages(network));
  if (images === 0) return network;
  return withSpikeRates(
    network,
    engineNamed('dense'),
    await firstImages(model, dataset, preprocessing, images),
  );
}

const DIAGNOSED = 64;

/** Measures everything. The same input gives the same data. @throws Ann2SnnError as `evaluate` does */
export async function measurePage(
  subject: ReportSubject,
  dataset: Dataset,
  options: ReportOptions,
): Promise<PageData> {
  const { network, fates = null } = subject;
  const { command, constants = ENERGY_CONSTANTS } = options;
  const report = await evaluated(subject, network, dataset, options, 'evaluating');
  const interval = (accuracy: number | null) =>
    accuracy === null ? null : wilsonInterval(Math.round(accuracy * report.images), report.images);
  const { curves, from, baselineMissing } =
    options.curves === undefined
      ? await curvesOf(subject, report, dataset, options)
      : { ...options.curves, baselineMissing: null };
  return {
    ...{ format: 1, tool: TOOL, command, report },
    intervals: { ann: interval(report.ann.accuracy), snn: interval(report.snn.accuracy) },
    ...{ curves, curvesFrom: from, baselineMissing },
    energy: energyTable(network, report.layers, constants),
    ...(await observed(network, dataset, options)),
    fates,
  };
}

/** An evaluation without what differs from run to run. */
async function evaluated(
  { ann }: ReportSubject,
  network: Network,
  dataset: Dataset,
  { engine, workers, dataOptions, progress }: ReportOptions,
  stage: string,
): Promise<PageData['report']> {
  const {
    memory: _memory,
    workers: _workers,
    seconds: _seconds,
    ...report
  }: Report = await evaluate(network, dataset, {
    engine,
    ...(ann === undefined ? {} : { ann }),
    ...(workers === undefined ? {} : { workers }),
    ...(dataOptions === undefined ? {} : { dataOptions }),
    ...(progress === undefined ? {} : { progress: progress(stage) }),
  });
  return report;
}

/** Numbers of steps around T. */
export function stepsAround(T: number): number[] {
  const all = [T / 3, T / 2, (2 * T) / 3, T, (4 * T) / 3].map((steps) => Math.round(steps));
  return [...new Set(all)].filter((steps) => steps >= 2 && steps <= MAX_STEPS);
}

type Curves = Pick<PageData, 'curves' | 'baselineMissing'> & { readonly from: string };

/** The network's own point, those at other numbers of steps, and rate coding. */
async function curvesOf(
  subject: ReportSubject,
  report: PageData['report'],
  dataset: Dataset,
  options: ReportOptions,
): Promise<Curves> {
  const own = pointOf(report);
  if (own === null) return { curves: [], from: 'no accuracy was measured', baselineMissing: null };
  const { name, T } = report.coding;
  const { withSteps } = subject;
  const others =
    withSteps === undefined ? [] : (options.steps ?? stepsAround(T)).filter((steps) => steps !== T);
  const points: TradeOffPoint[] = [own];
  for (const steps of others) {
    const network = withSteps!(steps);
    const point = pointOf(await evaluated(subject, network, dataset, options, `evaluating T ${steps}`));
    if (point !== null) points.push(point);
  }
  points.sort((a, b) => a.steps - b.steps);
  const { curve, baselineMissing } = await baselineOf(subject, dataset, options);
  const measured = [{ name, label: `${name} coding`, points }, ...(curve === null ? [] : [curve])];
  const from =
    others.length === 0
      ? `the network itself, on ${report.images} images`
      : `converted and measured for this page, on ${report.images} images`;
  return { curves: measured.map((one) => billed(one, subject.network, options)), from, baselineMissing };
}

async function baselineOf(
  { rate }: ReportSubject,
  dataset: Dataset,
  { baseline = true, progress = () => () => {} }: ReportOptions,
): Promise<{ readonly curve: TradeOffCurve | null; readonly baselineMissing: string | null }> {
  if (rate === undefined) return { curve: null, baselineMissing: 'it is measured on ONNX files alone' };
  if (!baseline) return { curve: null, baselineMissing: 'it was not asked for' };
  if ('why' in rate) return { curve: null, baselineMissing: rate.why };
  return { curve: await rate.measure(dataset, progress('evaluating rate coding')), baselineMissing: null };
}

/** All curves by the same constants: the network's arithmetic, in the place of what each was measured with. */
function billed(
  curve: TradeOffCurve,
  { arithmetic }: Network,
  { constants = ENERGY_CONSTANTS }: ReportOptions,
): TradeOffCurve {
  const model = arithmetic === 'integer' ? constants.int8 : constants.float32;
  const points = curve.points.map((point) => ({
    ...point,
    energyMj: energyMj(model, { acs: point.syops, macs: point.macs }),
  }));
  return { ...curve, points };
}

/** Residuals of the first images and the spikes of one. */
async function observed(
  network: Network,
  dataset: Dataset,
  { engine, diagnosed = DIAGNOSED, image = 0 }: ReportOptions,
): Promise<Pick<PageData, 'residuals' | 'raster'>> {
  const simulator = decided(engine, network);
  const compiled = await simulator.compile(network);
  const read = async (from: number, to: number) =>
    preprocess(await dataset.read(from, to), network.preprocessing, imageShapeOf(network));
  const images = Math.min(diagnosed, dataset.count);
  const sums = emptyResiduals(network);
  try {
    const batch = simulator.batch(network);
    for (let from = 0; from < images; from += batch) {
      const to = Math.min(from + batch, images);
      addResiduals(sums, await compiled.run(await read(from, to), { states: true }));
    }
    const trace = await compiled.run(await read(image, image + 1), { spikes: true });
    const label = dataset.labels?.[image] ?? null;
    return {
      residuals: {
        ...{ images, edges: RESIDUAL_EDGES },
        layers: sums.map(({ name, counts, below, above }) => ({ name, counts: [...counts], below, above })),
      },
      raster: rasterTable(network, trace, { image, label }),
    };
  } finally {
    await compiled.release();
  }
}
