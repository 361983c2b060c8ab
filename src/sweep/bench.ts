// A model and the images it is measured on, opened: what a sweep and an ablation begin with.
import { type AmplitudeSource, type OpenedSource, openSource } from '../conversion-job.ts';
import { type Dataset, type DatasetOptions, openDatasetFor } from '../data/dataset.ts';
import type { Preprocessing } from '../data/preprocessing.ts';
import type { Engine } from '../engines/engine.ts';
import { Ann2SnnError } from '../errors.ts';
import { type PreparedModel, type PrepareOptions, prepare } from '../pipeline.ts';
import type { Progress } from '../progress.ts';
import { plannedInputs } from '../snn/plan/planned.ts';

/** What networks of a model are measured on, and how. */
export interface MeasureOptions extends PrepareOptions {
  readonly amplitudes: AmplitudeSource;
  readonly data: { readonly path: string; readonly options?: DatasetOptions };
  readonly engine: Engine;
  /** Threads, a network each; 1 unless given. More are used only where the library runs as compiled JavaScript. */
  readonly workers?: number;
  /** File of the rows measured so far, from which the next call goes on; without it nothing is kept. */
  readonly journal?: string;
  /** File that gets a line of JSON for every network measured: its key and the seconds that it took. */
  readonly timings?: string;
  /** How far each stage is, by its name. */
  readonly progress?: (stage: string) => Progress;
  /** Ends the work with the rows measured until then. */
  readonly signal?: AbortSignal;
}

/** A model with its data sets; nothing is measured yet. */
export interface Bench {
  readonly model: PreparedModel;
  readonly source: OpenedSource;
  readonly preprocessing: Preprocessing;
  readonly dataset: Dataset;
  readonly options: MeasureOptions;
}

/** Opens everything. @throws Ann2SnnError naming the file and every node or option that is wrong */
export async function openBench(path: string, options: MeasureOptions): Promise<Bench> {
  const { workers = 1, data, amplitudes } = options;
  if (!(Number.isInteger(workers) && workers > 0)) {
    const message = `expected a whole number from 1, found ${workers}`;
    throw new Ann2SnnError('invalid-option', { where: 'workers', message });
  }
  const model = await prepare(path, options);
  const source = await openSource(model, amplitudes);
  const preprocessing = source.kind === 'images' ? source.preprocessing : source.calibration.preprocessing;
  const dataset = await openDatasetFor(plannedInputs(model.plan), data.path, data.options);
  return { model, source, preprocessing, dataset, options };
}
