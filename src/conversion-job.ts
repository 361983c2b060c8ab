// One conversion from the ONNX file to the spiking network, with everything that `convert` can be asked for: reading,
// calibrating, verifying, adjusting amplitudes, searching silent periods. The steps themselves are in pipeline.ts and tuning/.
import type { Calibration } from './calibration/calibration.ts';
import { type Dataset, type DatasetOptions, openDatasetFor } from './data/dataset.ts';
import { scaleIsAssumed, watchPixels } from './data/largest-pixel.ts';
import type { Preprocessing } from './data/preprocessing.ts';
import { engineNamed } from './engines/index.ts';
import { Ann2SnnError, throwIfAny } from './errors.ts';
import { rateImages, withSpikeRates } from './metrics/spike-rates.ts';
import {
  adjustableLayers,
  calibrate,
  convertModel,
  DEFAULT_PERCENTILE,
  firstImages,
  type PreparedModel,
  type PrepareOptions,
  prepare,
  preprocessingFor,
  quantizersOnly,
  verify,
  verifyOnNoise,
} from './pipeline.ts';
import type { Progress } from './progress.ts';
import type { LayerOverrides } from './snn/conversion/check-conversion.ts';
import { codingFor } from './snn/conversion/coding-for.ts';
import { bitsOf } from './snn/conversion/quantized-amplitudes.ts';
import type { CodingOverrides } from './snn/network/coding.ts';
import type { Network } from './snn/network/network.ts';
import { plannedInputs } from './snn/plan/planned.ts';
import { type Adjustment, adjustAmplitudes } from './tuning/adjust-amplitudes.ts';
import { findSilentPeriods, type SilentSearch } from './tuning/silent-periods.ts';

/** Images to measure amplitudes on. */
export interface ImageSource {
  readonly path: string;
  readonly options?: DatasetOptions;
  /** What is not given is the default for the data's element type. */
  readonly preprocessing?: Partial<Preprocessing>;
}

/** Where amplitudes come from: images to measure, a calibration as measured before, or the file's quantizers alone. */
export type AmplitudeSource =
  | ({ readonly kind: 'images' } & ImageSource)
  | { readonly kind: 'calibration'; readonly calibration: Calibration }
  /** `scale` must be given: without data nothing tells it. */
  | { readonly kind: 'quantizers'; readonly preprocessing: Partial<Preprocessing> };

export interface ConversionJob extends PrepareOptions {
  readonly amplitudes: AmplitudeSource;
  /** Preset; `sws` for a quantized model and `css` for any other unless given. */
  readonly coding?: string;
  /** Parameters in the place of the preset's. `exact` is T - 1; `auto` is searched for on the images. */
  readonly parameters?: Omit<CodingOverrides, 'Ts'> & { readonly Ts?: number | 'exact' | 'auto' | undefined };
  /** Percentile of |activation| that a code just reaches: 99.99 unless given. */
  readonly percentile?: number;
  /** Rounds, at most, in which the amplitudes of layers that do not keep up on the images are enlarged. */
  readonly adjust?: number;
  /** With a searched silent period: the fraction of integers that may differ. */
  readonly differing?: number;
  /**
   * Whether neurons of an integer network use what is known of their later input; with a searched silent period unless
   * given, else not.
   */
  readonly lookAhead?: boolean;
  /** How far each stage is, by its name. */
  readonly progress?: (stage: string) => Progress;
}

/** The network, and what was found on the way to it. */
export interface Conversion {
  readonly network: Network;
  /** Bits that the levels of the quantizers take; null for a model without. */
  readonly bits: number | null;
  readonly adjustment: Adjustment | null;
  readonly search: SilentSearch | null;
  /** Of 8-bit calibration images that are divided by 255 because no scale was given; null otherwise. */
  readonly largestPixel: number | null;
}

/** Converts an ONNX file. @throws Ann2SnnError naming the file, every node or every option that is wrong. */
export async function convertFile(path: string, job: ConversionJob): Promise<Conversion> {
  requireImages(job);
  const { percentile = DEFAULT_PERCENTILE, adjust, differing = 0, progress = () => () => {} } = job;
  const model = await prepare(path, job);
  const { Ts, ...parameters } = job.parameters ?? {};
  const lookAhead = job.lookAhead ?? Ts === 'auto';
  const coding = codingFor(model.plan, job.coding, { ...parameters, Ts: Ts === 'auto' ? undefined : Ts });
  const source = await openSource(model, job.amplitudes);
  const dataset = source.kind === 'images' ? source.dataset : null;
  const calibration = await calibrateFrom(model, source, [percentile], progress('calibrating'));
  const adjustment =
    adjust === undefined || dataset === null
      ? null
      : await adjustAmplitudes(
          (scales) =>
            convertModel(model, calibration, coding, { percentile, adjusted: { scales, rounds: adjust } }),
          dataset,
          {
            engine: engineNamed('dense'),
            rounds: adjust,
            adjustable: adjustableLayers(model),
            progress: progress('adjusting'),
          },
        );
  const adjusted = adjustment && { scales: adjustment.scales, rounds: adjustment.kept };
  const build = (layers: ReadonlyMap<string, LayerOverrides>) =>
    convertModel(model, calibration, coding, {
      percentile,
      layers,
      lookAhead,
      ...(adjusted && { adjusted }),
    });
  const search =
    Ts !== 'auto' || dataset === null
      ? null
      : await findSilentPeriods(build, dataset, {
          // Integer networks are the same on every engine; this one runs them fastest.
          engine: engineNamed('event'),
          differing,
          progress: progress('comparing integers'),
        });
  const converting = progress('converting');
  converting(0, 1);
  const built = build(search?.layers ?? new Map());
  if (job.lookAhead === true && built.arithmetic === 'float32') throw looksNowhere(built);
  const network =
    dataset === null ? built : await withMeasuredRates(model, built, dataset, calibration.preprocessing);
  converting(1, 1);
  const largestPixel = source.kind === 'images' ? source.largestPixel() : null;
  return { network, bits: bitsOf(model.plan), adjustment, search, largestPixel };
}

/** The network with how often its layers spike, measured on the first images, so that engines know what layers cost. */
export async function withMeasuredRates(
  model: PreparedModel,
  network: Network,
  dataset: Dataset,
  preprocessing: Preprocessing,
): Promise<Network> {
  const count = Math.min(dataset.count, rateImages(network));
  if (count === 0) return network;
  const images = await firstImages(model, dataset, preprocessing, count);
  return withSpikeRates(network, engineNamed('dense'), images);
}

/** Only membranes of integer networks keep their sources apart. */
function looksNowhere({ whyFloat }: Network): Ann2SnnError {
  return new Ann2SnnError('invalid-option', {
    where: 'looking ahead',
    message: `expected an integer network; ${whyFloat}`,
  });
}

/** What is tried out needs images to be tried on. */
function requireImages({ amplitudes, parameters, adjust }: ConversionJob): void {
  if (amplitudes.kind === 'images') return;
  const message = 'expected calibration images to try it on, found none';
  throwIfAny('invalid-option', [
    ...(parameters?.Ts === 'auto' ? [{ where: 'silent period "auto"', message }] : []),
    ...(adjust === undefined ? [] : [{ where: 'adjusting amplitudes', message }]),
  ]);
}

/** Where amplitudes come from, opened: nothing is measured yet. */
export type OpenedSource = OpenedImages | { readonly kind: 'calibration'; readonly calibration: Calibration };

export interface OpenedImages {
  readonly kind: 'images';
  readonly dataset: Dataset;
  readonly preprocessing: Preprocessing;
  /** Of what was read so far, where 8 bits are divided by 255 because no scale was given; null otherwise. */
  largestPixel(): number | null;
}

/** Opens the images of a source. @throws Ann2SnnError where they cannot be read, or where quantizers do not suffice */
export async function openSource(model: PreparedModel, source: AmplitudeSource): Promise<OpenedSource> {
  if (source.kind === 'images') return openImages(model, source);
  const calibration =
    source.kind === 'calibration' ? source.calibration : withoutData(model, source.preprocessing);
  return { kind: 'calibration', calibration };
}

export async function openImages(
  model: PreparedModel,
  { path, options, preprocessing: given = {} }: ImageSource,
): Promise<OpenedImages> {
  const opened = await openDatasetFor(plannedInputs(model.plan), path, options);
  const { dataset, largest } = watchPixels(opened);
  return {
    kind: 'images',
    dataset,
    preprocessing: preprocessingFor(dataset, given),
    largestPixel: () => (scaleIsAssumed(dataset, given) ? largest() : null),
  };
}

/**
 * The amplitudes' statistics, once the graph is known to compute what the file does.
 * @param percentiles kept besides the usual ones
 */
export async function calibrateFrom(
  model: PreparedModel,
  source: OpenedSource,
  percentiles: readonly number[],
  progress: Progress,
): Promise<Calibration> {
  if (source.kind === 'images') {
    const { dataset, preprocessing } = source;
    await verify(model, dataset, preprocessing);
    return calibrate(model, dataset, preprocessing, { percentiles, progress });
  }
  await verifyOnNoise(model, source.calibration);
  return source.calibration;
}

function withoutData(model: PreparedModel, given: Partial<Preprocessing>): Calibration {
  const calibration = quantizersOnly(model, preprocessingFor({ dtype: 'uint8' }, given));
  if (given.scale === undefined) {
    throw new Ann2SnnError('invalid-option', {
      where: 'scale',
      message:
        'expected the divisor of the pixels (255 for 8 bits) where there are no calibration images, found none',
    });
  }
  return calibration;
}
