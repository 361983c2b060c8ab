// Direct-to-event transfer from the files to the network: all that `transfer` can be asked for.
import { checkLabels, type DatasetOptions, openDataset } from './data/dataset.ts';
import { type Preprocessing, preprocess } from './data/preprocessing.ts';
import { readWhole } from './files.ts';
import type { NirGraph } from './nir/graph.ts';
import { readNir } from './nir/read-nir.ts';
import { compileNir } from './nir/simulation/program.ts';
import { preprocessingFor } from './pipeline.ts';
import type { Progress } from './progress.ts';
import { sizeOf } from './tensor/tensor.ts';
import type { Presentation } from './transfer/observation.ts';
import { presentationOf, withPresentation } from './transfer/presentation.ts';
import { type Transfer, transferToEvents } from './transfer/transfer.ts';

interface DataSource {
  readonly path: string;
  readonly options?: DatasetOptions;
}

export interface TransferJob {
  readonly calibration: DataSource;
  readonly data: DataSource;
  readonly preprocessing?: Partial<Preprocessing>;
  /** What is not given is read from the file's metadata. */
  readonly presentation?: { readonly [K in keyof Presentation]?: Presentation[K] | undefined };
  readonly progress?: Progress;
}

export interface TransferResult extends Transfer {
  readonly calibrationImages: number;
  readonly images: number;
  readonly preprocessing: Preprocessing;
}

/**
 * Reads a direct-coded network from a NIR file, transfers it to events and measures every step.
 * @throws Ann2SnnError `file-not-readable`, `invalid-network`, `unsupported-operator`, `invalid-data`, `invalid-option`
 */
export async function transferFile(path: string, job: TransferJob): Promise<TransferResult> {
  const graph: NirGraph = await readNir(await readWhole(path), path);
  const program = compileNir(graph, path);
  const presentation = presentationOf(graph, job.presentation ?? {}, path);
  const { shape } = program.input;
  const calibrationSet = await openDataset(job.calibration.path, job.calibration.options);
  const testSet = await openDataset(job.data.path, job.data.options);
  checkLabels(testSet, sizeOf(program.output.shape));
  const preprocessing = preprocessingFor(calibrationSet, job.preprocessing ?? {});
  const [calibration, test] = await Promise.all(
    [calibrationSet, testSet].map(async (set) => ({
      data: preprocess(await set.read(0, set.count), preprocessing, shape, set.path).data,
      count: set.count,
    })),
  );
  const transfer = transferToEvents(graph, {
    presentation,
    calibration: calibration!,
    test: test!,
    labels: testSet.labels,
    where: path,
    ...(job.progress === undefined ? {} : { progress: job.progress }),
  });
  return {
    ...transfer,
    graph: withPresentation(transfer.graph, presentation, 'events'),
    calibrationImages: calibrationSet.count,
    images: testSet.count,
    preprocessing,
  };
}
