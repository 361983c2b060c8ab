// Everything that a report page shows, measured: the evaluation, residuals and spikes of some images, and the same network at
// other numbers of steps and with rate coding.
import type { Dataset, DatasetOptions } from './data/dataset.ts';
import { preprocess } from './data/preprocessing.ts';
import { ENERGY_CONSTANTS, type EnergyConstants } from './energy/energy-constants.ts';
import { energyMj } from './energy/energy-model.ts';
import { decided } from './engines/auto/index.ts';
import type { Engine } from './engines/engine.ts';
import { evaluate } from './evaluate.ts';
import { wilsonInterval } from './metrics/confidence.ts';
import { addResiduals, emptyResiduals, RESIDUAL_EDGES } from './metrics/residuals.ts';
import type { TradeOffCurve, TradeOffPoint } from './metrics/trade-off.ts';
import type { Progress } from './progress.ts';
import { energyTable } from './report/energy-table.ts';
import type { PageData } from './report/page-data.ts';
import { rasterTable } from './report/raster-table.ts';
import type { Report } from './report/report.ts';
import { pointOf } from './report/trade-off-point.ts';
import type { ReportSubject } from './report-subject.ts';
import { MAX_STEPS } from './snn/network/coding.ts';
import { imageShapeOf } from './snn/network/inputs.ts';
import type { Network } from './snn/network/network.ts';
import { TOOL } from './tool.ts';

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
    preprocess(await dataset.read(from, to), network.preprocessing, imageShapeOf(network), dataset.path);
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
