// A grid of settings of one model: what each gives, and which of them no other beats.
import { basename } from 'node:path';
import type { OpenedSource } from '../conversion-job.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import { classCount } from '../metrics/accuracy.ts';
import type { Coding } from '../snn/network/coding.ts';
import { TOOL } from '../tool.ts';
import { type Bench, type MeasureOptions, openBench } from './bench.ts';
import { type SweepAxes, settingsOf } from './grid.ts';
import { measureSettings } from './measure-settings.ts';
import { type Fronts, paretoFronts } from './pareto.ts';
import type { RowFigures } from './rows.ts';

export interface SweepOptions extends MeasureOptions {
  readonly axes: SweepAxes;
  /** Preset of what is on no axis; `sws` for a quantized model and `css` for any other unless given. */
  readonly coding?: string;
  readonly encoder?: Coding['encoder'];
}

export type SweepRow = RowFigures & {
  /** Which Pareto fronts of this sweep the row is on. */
  readonly front: Fronts;
};

/** What networks were measured on. Files by their names, never their paths. */
export interface Provenance {
  readonly tool: string;
  readonly model: { readonly file: string; readonly sha256: string };
  readonly calibration: { readonly file: string; readonly sha256: string; readonly images: number } | null;
  readonly data: { readonly file: string; readonly sha256: string; readonly images: number };
  readonly preprocessing: Preprocessing;
  readonly engine: string;
}

/** A sweep as it is written as JSON (docs/sweep.md). It holds no times: the same sweep gives the same bytes. */
export interface Sweep extends Provenance {
  readonly format: 'ann2snn-sweep/1';
  readonly coding: string;
  /** Of the output that is read as class scores; null where there is none. */
  readonly classes: number | null;
  /** Settings of the grid, and how many of them are among the rows: fewer where the sweep was ended early. */
  readonly settings: number;
  readonly measured: number;
  /** Combinations left out because their silent period is no shorter than T. */
  readonly skipped: number;
  /** In the order of T, beta, Ts, phi, percentile. */
  readonly rows: readonly SweepRow[];
}

/** A sweep and how it came about. */
export interface SweepRun {
  readonly sweep: Sweep;
  /** Rows that the journal had. */
  readonly before: number;
}

/**
 * Measures every setting of a grid on one model. With a journal, what was measured before is not measured again.
 * @param path of the ONNX file
 * @throws Ann2SnnError naming the file, every node or every option that is wrong
 */
export async function runSweep(path: string, options: SweepOptions): Promise<SweepRun> {
  const bench = await openBench(path, options);
  const { settings, skipped } = settingsOf(bench.model.plan, options.axes, options.coding, options.encoder);
  const { rows, before } = await measureSettings(bench, settings);
  const figures = rows.flatMap((row) => (row === null ? [] : [row.figures]));
  const fronts = paretoFronts(figures);
  const sweep: Sweep = {
    format: 'ann2snn-sweep/1',
    ...provenanceOf(bench),
    coding: settings[0]!.coding.name,
    classes: classesOf(bench),
    settings: settings.length,
    measured: figures.length,
    skipped,
    rows: figures.map((row, i) => ({ ...row, front: fronts[i]! })),
  };
  return { sweep, before };
}

/** Classes of the first output that is a vector of scores. */
function classesOf({ model }: Bench): number | null {
  const counts = model.plan.nodes.map((node) => (node.kind === 'readout' ? classCount(node.shape) : null));
  return counts.find((classes) => classes !== null) ?? null;
}

/** Where a bench's files come from. */
export function provenanceOf({ model, source, dataset, preprocessing, options }: Bench): Provenance {
  return {
    tool: TOOL,
    model: { file: basename(model.file.path), sha256: model.file.sha256 },
    calibration: calibrationSet(source),
    data: { file: basename(dataset.path), sha256: dataset.sha256, images: dataset.count },
    preprocessing,
    engine: options.engine.name,
  };
}

function calibrationSet(source: OpenedSource): Provenance['calibration'] {
  if (source.kind === 'calibration') return source.calibration.data;
  const { path, sha256, count } = source.dataset;
  return { file: basename(path), sha256, images: count };
}
