// One network, many codings: CSS and SWS by conversion and evaluation, the others of src/codings on the same plan, all on the
// same images.
import { basename } from 'node:path';
import type { BaselineCoding } from './codings/baseline-coding.ts';
import { problemsOf } from './codings/check-subject.ts';
import { baselineCodings } from './codings/index.ts';
import { measureCoding } from './codings/measure.ts';
import { codingSubject } from './codings/subject.ts';
import { testImages } from './codings/test-images.ts';
import { calibrateFrom, type ImageSource, openImages } from './conversion-job.ts';
import { type Dataset, type DatasetOptions, openDatasetFor } from './data/dataset.ts';
import { compute45nm } from './energy/compute-45nm.ts';
import { energyMj } from './energy/energy-model.ts';
import { engineNamed } from './engines/index.ts';
import { throwIfAny } from './errors.ts';
import { evaluate } from './evaluate.ts';
import type { TradeOffCurve, TradeOffPoint } from './metrics/trade-off.ts';
import { convertModel, firstImages, type PreparedModel, type PrepareOptions, prepare } from './pipeline.ts';
import type { Progress } from './progress.ts';
import { byName } from './registry.ts';
import { type Comparison, needsOf } from './report/comparison.ts';
import { pointOf } from './report/trade-off-point.ts';
import { codingFor } from './snn/conversion/coding-for.ts';
import { bitsOf } from './snn/conversion/quantized-amplitudes.ts';
import { codings } from './snn/network/coding.ts';
import { plannedInputs } from './snn/plan/planned.ts';

export interface CompareCodingsOptions extends PrepareOptions {
  readonly calibration: ImageSource;
  readonly data: { readonly path: string; readonly options?: DatasetOptions };
  /** Names of codings, of which those are measured that can carry the network; all unless given. */
  readonly codings?: readonly string[];
  /** How far each stage is, by its name. */
  readonly progress?: (stage: string) => Progress;
}

/** Steps at which CSS and SWS networks are made; a quantized model's are those of its bits. */
const STEPWISE_STEPS = [2, 3, 4, 5, 6, 7, 8, 10, 12] as const;

/** Calibration images that threshold rules may run on. */
const RULE_IMAGES = 256;

/** The names that a comparison takes: presets of stepwise-weighted coding, then the codings of src/codings. */
export const comparable: readonly { readonly name: string; readonly summary: string }[] = [
  ...codings,
  ...baselineCodings,
];

/**
 * Compares codings on a model.
 * @throws Ann2SnnError `unknown-name` for a coding that there is not, `unsupported-operator` naming every node in the way
 * where none of the codings can carry the network, and what `prepare`, `calibrate` and `evaluate` refuse.
 */
export async function compareCodings(path: string, options: CompareCodingsOptions): Promise<Comparison> {
  const { progress = () => () => {} } = options;
  const asked = (options.codings ?? comparable.map(({ name }) => name)).map((name) =>
    byName('coding', comparable, name),
  );
  const model = await prepare(path, options);
  const isBaseline = (one: { readonly name: string }): one is BaselineCoding =>
    (baselineCodings as readonly { readonly name: string }[]).includes(one);
  const problems = asked.filter(isBaseline).map((coding) => ({ coding, found: problemsOf(coding, model) }));
  // Those that can are compared, the others listed with their reasons; where none can of those named, that is an error.
  const able = asked.filter(
    (one) => !problems.some(({ coding, found }) => coding === one && found.length > 0),
  );
  if (able.length === 0) {
    throwIfAny(
      'unsupported-operator',
      problems.flatMap(({ found }) => found),
      { help: 'name codings that can carry the network, such as css' },
    );
  }
  const source = await openImages(model, options.calibration);
  const { dataset: images, preprocessing } = source;
  const dataset = await openDatasetFor(plannedInputs(model.plan), options.data.path, options.data.options);
  const calibration = await calibrateFrom(model, source, [], progress('calibrating'));
  const subject = codingSubject(
    {
      plan: model.plan,
      ann: model.graph,
      calibration,
      images: await firstImages(model, images, preprocessing, RULE_IMAGES),
    },
    convertModel(model, calibration, codingFor(model.plan)),
  );
  const test = await testImages(subject, dataset, preprocessing);
  const curves: TradeOffCurve[] = [];
  for (const one of able) {
    if (!isBaseline(one)) {
      curves.push(await stepwise(model, calibration, one, dataset, progress(one.name)));
    } else {
      curves.push(await measureCoding(subject, one, test, { progress: progress(one.name) }));
    }
  }
  const macs = model.operations.effectiveMacs;
  return {
    model: { file: basename(model.file.path), sha256: model.file.sha256 },
    data: { file: basename(dataset.path), sha256: dataset.sha256, images: dataset.count },
    calibrationImages: images.count,
    ann: {
      accuracy: test.annAccuracy,
      classes: test.classes,
      macs,
      energyMj: energyMj(compute45nm, { acs: 0, macs }),
    },
    curves,
    needs: needsOf(curves, test.annAccuracy),
    leftOut: problems
      .filter(({ found }) => found.length > 0)
      .map(({ coding, found }) => ({
        name: coding.name,
        reasons: found.map(({ where, message }) => `${where.slice(coding.name.length + 2)}: ${message}`),
      })),
    energyModel: `${compute45nm.name}, true fan-out against effective MACs`,
  };
}

/** The curve of a preset: a network for each number of steps. */
async function stepwise(
  model: PreparedModel,
  calibration: Parameters<typeof convertModel>[1],
  { name, summary }: { readonly name: string; readonly summary: string },
  dataset: Dataset,
  progress: Progress,
): Promise<TradeOffCurve> {
  const own = codingFor(model.plan, name).T;
  const steps: readonly number[] = bitsOf(model.plan) === null ? STEPWISE_STEPS : [own];
  const points: TradeOffPoint[] = [];
  for (const [i, T] of steps.entries()) {
    const network = convertModel(model, calibration, codingFor(model.plan, name, { T }));
    const report = await evaluate(network, dataset, {
      engine: engineNamed('dense'),
      ann: model.file,
      diagnosed: 0,
      progress: (done, all) => progress(i * all + done, steps.length * all),
    });
    const point = pointOf(report)!;
    // By one model for all codings, whatever the arithmetic of this one.
    points.push({ ...point, energyMj: energyMj(compute45nm, { acs: point.syops, macs: point.macs }) });
  }
  return { name, label: `${name}: ${summary}`, points };
}
